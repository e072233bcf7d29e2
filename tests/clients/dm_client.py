# A device's OMA DM 1.2 client over HTTP, of Python's standard library alone and written from the standard: SyncML text XML,
# syncml:auth-MAC both ways, large objects both ways.
#   python3 dm_client.py < settings.json > outcome.json
# settings: url (where to POST), server_uri, device_uri, name, password, server_name, server_password, session; optional: nonce_send,
# nonce_expect (hex, empty: none), by_server, max_message, tree {uri: text}, headers {name: value}, ca (file of anchors for https).
# Exec on …/Install makes …/Receipt: SHA-256 of …/Envelope in hex. outcome: ok, error, tree, log, messages, nonce_send, nonce_expect.
import base64, hashlib, json, os, ssl, sys, urllib.error, urllib.request
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape

S, M = '{SYNCML:SYNCML1.2}', '{syncml:metinf}'


def md5(data):
    return hashlib.md5(data).digest()


def mac(name, password, nonce, body):
    key = base64.b64encode(md5((name + ':' + password).encode()))
    return base64.b64encode(md5(key + b':' + nonce + b':' + base64.b64encode(md5(body)))).decode()


def text_of(element, path, default=None):
    found = element.find(path)
    return default if found is None else (found.text or '')


def el(name, text):
    return '<%s>%s</%s>' % (name, escape(str(text), {'\r': '&#13;'}), name)


def meta(**values):
    inner = ''.join('<%s xmlns="syncml:metinf">%s</%s>' % (k, escape(str(v)), k) for k, v in values.items() if v is not None)
    return '<Meta>%s</Meta>' % inner


class Stop(Exception):
    pass


class Client:
    def __init__(self, s):
        self.s, self.tree, self.log = s, dict(s.get('tree', {})), []
        self.nonce_send, self.nonce_expect = bytes.fromhex(s.get('nonce_send', '')), bytes.fromhex(s.get('nonce_expect', ''))
        self.stored = [self.nonce_send, self.nonce_expect]
        self.msg = self.seen = self.sent = 0
        self.peer_max, self.server_final, self.trusted = 16384, True, False
        self.challenged = self.challenging = False
        self.object = None  # uri, size, parts
        context = ssl.create_default_context(cafile=s['ca']) if s.get('ca') else None
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), *([urllib.request.HTTPSHandler(context=context)] if context else []))

    def package_1(self):
        info = {'DevId': self.s['device_uri'], 'Man': 'Stock', 'Mod': 'Python', 'DmV': '1.0', 'Lang': 'en'}
        items = ''.join('<Item><Source><LocURI>./DevInfo/%s</LocURI></Source>%s%s</Item>' % (k, meta(Format='chr', Type='text/plain'), el('Data', v)) for k, v in info.items())
        return ['<Alert><CmdID>%d</CmdID><Data>{}</Data></Alert>'.format(1200 if self.s.get('by_server') else 1201), '<Replace><CmdID>%d</CmdID>' + items.replace('%', '%%') + '</Replace>']

    # The message with as many of the waiting commands as fit; what does not fit is left.
    def message(self, header_status, waiting):
        self.msg += 1
        s = self.s
        head = ('<?xml version="1.0" encoding="UTF-8"?><SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>' + el('SessionID', s['session']) +
                el('MsgID', self.msg) + '<Target>' + el('LocURI', s['server_uri']) + '</Target><Source>' + el('LocURI', s['device_uri']) + el('LocName', s['name']) + '</Source>' +
                meta(MaxMsgSize=s.get('max_message', 8192), MaxObjSize=200000) + '</SyncHdr><SyncBody>')
        body, number = '', 0
        if header_status:
            number, body = 1, header_status % 1
        room = self.peer_max - len(head.encode()) - 200
        while waiting:
            if isinstance(waiting[0], dict):
                piece = self.results(waiting[0], number + 1, room - len(body.encode()))
                if piece is None:
                    break
                number, body = number + 1, body + piece
                if waiting[0]['rest']:
                    break
                waiting.pop(0)
                continue
            command = waiting[0] % (number + 1)
            if len((body + command).encode()) > room:
                break
            waiting.pop(0)
            number, body = number + 1, body + command
        if not waiting:
            body += '<Final/>' if self.server_final else '<Alert><CmdID>%d</CmdID><Data>1222</Data></Alert>' % (number + 1)
        return (head + body + '</SyncBody></SyncML>').encode()

    def results(self, r, number, room):
        def build(data, more, size):
            return ('<Results><CmdID>%d</CmdID><MsgRef>%d</MsgRef><CmdRef>%s</CmdRef><Item><Source>%s</Source>' % (number, r['msg'], r['cmd'], el('LocURI', r['uri'])) +
                    meta(Format='chr', Type='text/plain', Size=size) + el('Data', data) + ('<MoreData/>' if more else '') + '</Item></Results>')
        whole = build(r['rest'], False, None)
        if len(whole.encode()) <= room:
            r['rest'] = ''
            return whole
        size = len(r['rest'].encode()) if not r['begun'] else None
        count = len(r['rest'])
        while count and len(build(r['rest'][:count], True, size).encode()) > room:
            count = count * 3 // 4
        if count == 0:
            return None
        piece, r['rest'], r['begun'] = build(r['rest'][:count], True, size), r['rest'][count:], True
        return piece

    def send(self, body):
        self.sent += 1
        headers = {'Content-Type': 'application/vnd.syncml.dm+xml', **self.s.get('headers', {})}
        if self.nonce_send:
            headers['x-syncml-hmac'] = 'algorithm=MD5, username="%s", mac=%s' % (self.s['name'], mac(self.s['name'], self.s['password'], self.nonce_send, body))
        try:
            with self.opener.open(urllib.request.Request(self.s['url'], body, headers, method='POST'), timeout=30) as answer:
                if answer.headers.get_content_type() != 'application/vnd.syncml.dm+xml':
                    raise Stop('content type ' + answer.headers.get_content_type())
                return answer.read(), answer.headers.get('x-syncml-hmac')
        except urllib.error.HTTPError as error:
            raise Stop('HTTP %d %s' % (error.code, error.read().decode(errors='replace')))

    def proved(self, body, header):
        wanted = 'algorithm=MD5, username="%s", mac=%s' % (self.s['server_name'], mac(self.s['server_name'], self.s['server_password'], self.nonce_expect, body))
        return bool(self.nonce_expect) and header == wanted

    def status(self, cmd, name, uri, code):
        return ('<Status><CmdID>%%d</CmdID><MsgRef>%d</MsgRef><CmdRef>%s</CmdRef><Cmd>%s</Cmd>' % (self.seen, cmd, name) +
                (el('TargetRef', uri) if uri else '').replace('%', '%%') + '<Data>%d</Data></Status>' % code)

    def header_status(self, code):
        self.nonce_expect = os.urandom(16)
        challenge = '<Chal>' + meta(Type='syncml:auth-MAC', Format='b64', NextNonce=base64.b64encode(self.nonce_expect).decode()) + '</Chal>'
        return ('<Status><CmdID>%%d</CmdID><MsgRef>%d</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>' % self.seen +
                (el('TargetRef', self.s['device_uri']) + el('SourceRef', self.s['server_uri'])).replace('%', '%%') + challenge + '<Data>%d</Data></Status>' % code)

    def run_command(self, command, waiting):
        name, cmd = command.tag[len(S):], text_of(command, S + 'CmdID')
        if name == 'Alert':
            return
        for item in command.findall(S + 'Item'):
            uri, data = text_of(item, S + 'Target/' + S + 'LocURI', ''), text_of(item, S + 'Data', '')
            fmt = text_of(item, S + 'Meta/' + M + 'Format') or text_of(command, S + 'Meta/' + M + 'Format') or 'chr'
            size = text_of(item, S + 'Meta/' + M + 'Size') or text_of(command, S + 'Meta/' + M + 'Size')
            more = item.find(S + 'MoreData') is not None
            if self.object and self.object[0] != uri:
                raise Stop('another command inside a large object')
            if more or self.object:
                if not self.object:
                    if not size:
                        raise Stop('a large object without a size')
                    self.object = (uri, int(size), [])
                self.object[2].append(data)
                if more:
                    waiting.append(self.status(cmd, name, uri, 213))
                    continue
                data = ''.join(self.object[2])
                if len(data.encode()) != self.object[1]:
                    raise Stop('size mismatch')
                self.object = None
            self.log.append(name + ' ' + uri)
            self.apply(name, cmd, uri, base64.b64decode(data).decode('latin-1') if fmt == 'b64' else data, waiting)

    def apply(self, name, cmd, uri, data, waiting):
        if name == 'Get':
            waiting.append(self.status(cmd, name, uri, 200 if uri in self.tree else 404))
            if uri in self.tree:
                waiting.append({'msg': self.seen, 'cmd': cmd, 'uri': uri, 'rest': self.tree[uri], 'begun': False})
            return
        code = 200
        if name == 'Replace' or name == 'Add':
            self.tree[uri] = data
        elif name == 'Delete':
            code = 200 if self.tree.pop(uri, None) is not None else 404
        elif name == 'Exec' and uri.endswith('/Install'):
            base = uri[:-len('Install')]
            self.tree[base + 'Receipt'] = hashlib.sha256(self.tree.get(base + 'Envelope', '').encode()).hexdigest()
        else:
            code = 405
        waiting.append(self.status(cmd, name, uri, code))

    # One answer of the server; what to send next, or None at the end.
    def handle(self, body, header):
        root = ET.fromstring(body)
        h, b = root.find(S + 'SyncHdr'), root.find(S + 'SyncBody')
        if text_of(h, S + 'SessionID') != self.s['session'] or int(text_of(h, S + 'MsgID')) <= self.seen:
            raise Stop('session or message number')
        self.seen = int(text_of(h, S + 'MsgID'))
        good = self.proved(body, header)
        self.peer_max = int(text_of(h, S + 'Meta/' + M + 'MaxMsgSize', self.peer_max))
        about = [x for x in b.findall(S + 'Status') if text_of(x, S + 'CmdRef') == '0' and int(text_of(x, S + 'MsgRef')) == self.msg]
        if len(about) != 1:
            raise Stop('no status of our message')
        nonce = text_of(about[0], S + 'Chal/' + S + 'Meta/' + M + 'NextNonce')
        if nonce:
            self.nonce_send = base64.b64decode(nonce, validate=True)
            if len(self.nonce_send) < 16:
                raise Stop('a short nonce')
            if good:
                self.stored[0] = self.nonce_send
        code = int(text_of(about[0], S + 'Data'))
        commands = [x for x in b if x.tag in {S + n for n in ('Get', 'Replace', 'Add', 'Exec', 'Delete', 'Alert')}]
        if any(x.tag == S + 'Alert' and text_of(x, S + 'Data') == '1223' for x in commands):
            raise Stop('aborted by the server')
        if code in (401, 407) and (self.challenged or not nonce):
            raise Stop('the server does not believe us')
        if not good and (self.trusted or self.challenging):
            raise Stop('we do not believe the server')
        self.server_final = self.server_final and any(text_of(x, S + 'Data') == '1222' for x in commands if x.tag == S + 'Alert') or b.find(S + 'Final') is not None
        again = self.package_1() if code in (401, 407) else []
        self.challenged = self.challenged or bool(again)
        if not good:
            self.challenging, self.server_final = True, True
            refusal = 401 if header else 407
            return self.header_status(refusal), [self.status(text_of(x, S + 'CmdID'), x.tag[len(S):], '', refusal) for x in commands] + again
        waiting = again
        if not again:
            self.trusted = True
            for command in commands:
                self.run_command(command, waiting)
        if self.server_final and not waiting and not self.left and not any(x.tag == S + 'Alert' for x in commands):
            self.stored[1] = self.nonce_expect
            return None
        status = self.header_status(200)
        self.stored[1] = self.nonce_expect
        return status, waiting

    def run(self):
        status, self.left = None, self.package_1()
        while True:
            answer = self.handle(*self.send(self.message(status, self.left)))
            if answer is None:
                return
            status, more = answer
            self.left = self.left + more


client = Client(json.load(sys.stdin))
error = ''
try:
    client.run()
except Stop as stop:
    error = str(stop)
json.dump({'ok': not error, 'error': error, 'tree': client.tree, 'log': client.log, 'messages': client.sent,
           'nonce_send': client.stored[0].hex(), 'nonce_expect': client.stored[1].hex()}, sys.stdout)
