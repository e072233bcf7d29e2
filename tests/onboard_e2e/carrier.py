# A provisioning server that takes every delivery and never speaks to a device, of Python's standard library alone.
#   python3 carrier.py PORT CERTIFICATE KEY KEPT      KEPT: a file, a line of JSON for each delivery
import http.server, ssl, sys

port, certificate, key, kept = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]


class Carrier(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def answer(self, status, body):
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        if self.path != '/onboard/v1/deliveries':
            return self.answer(404, b'{}')
        with open(kept, 'ab') as out:
            out.write(body + b'\n')
        self.answer(200, b'{"result":"taken"}')

    def do_GET(self):
        self.answer(200, b'{}')

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(('127.0.0.1', port), Carrier)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
