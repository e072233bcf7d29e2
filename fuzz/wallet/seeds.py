#!/usr/bin/env python3
"""Writes fuzz/corpus/wallet_messages anew: seeds.py FOLDER. One seed a decoder, some a message of each suite."""
import base64, json, pathlib, sys

out = pathlib.Path(sys.argv[1])
b = lambda n, x=7: base64.urlsafe_b64encode(bytes([x]) * n).rstrip(b"=").decode()
ID, NONCE = "A" * 22, "bm9uY2U"
bind = {"platform": "wallet.test", "certificate": b(32), "session": ID, "nonce_p": NONCE, "nonce_t": b(16)}
terms = {"payee": "shop-1", "amount": 1000, "currency": "CNY", "instrument": "card-1"}
direct = {"payee": "shop-1", "amount": 1000, "currency": "CNY", "gateway": "network"}
person = {"number": "8613800000001", "imei": "490154203237518", "iccid": "89860000000000000019", "name": "Wang Li", "id_number": "110101199001011237"}
reg = {"label": "wallet register", "platform": "wallet.test", "suite": "modern"}
seeds = {
    0: [{"purpose": p} for p in ("register", "refund", "instruments")],
    1: [{"nonce": NONCE, "expires_in": 60}],
    2: [{"platform": "wallet.test", "encryption": [{"kid": "k", "x5c": ["AAAA"]}], "results": [{"kid": "r", "x5c": ["AAAA", "BBBB"]}]}],
    3: [reg | {"key": "phone"} | person | {"nonce_p": NONCE, "response_key": b(32), "salt": b(16), "verifier": b(32), "csr": b(90)},
        reg | {"suite": "classic", "key": "platform"} | person | {"nonce_p": NONCE, "response_key": b(32), "password": b(12)}],
    4: [{"label": "wallet registered", "nonce_p": NONCE, "registration": ID, "code": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}],
    5: [{"label": "wallet activate", "platform": "wallet.test", "registration": ID, "nonce_p": NONCE, "mac": b(32), "proof": "a.b.c"}],
    6: [{"result": "ok", "certificate": b(100), "mac": b(32)}, {"result": "preparing", "mac": b(32)}],
    7: [{"registration": ID, "nonce_p": NONCE, "mac": b(32)}],
    8: [{"result": "ok", "file": b(100), "mac": b(32)}],
    9: [{"label": "wallet login", "platform": "wallet.test", "certificate": b(32), "number": "8613800000001", "nonce_p": NONCE, "r": b(32), "ephemeral": b(65), "time": 1}],
    10: [{"jws": "a.b.c", "password": b(12)}],
    11: [{"number": "8613800000001", "password": b(12), "time": 1, "signature": b(64)}],
    12: [{"suite": "modern", "jwe": "a.b.c.d.e"}, {"suite": "classic", "c1": "a", "c2": "b", "signature": b(64)}],
    13: [{"session": ID, "message_key": b(32), "pin_key": b(32), "expires_in": 900, "digest": b(32)}],
    14: [{"suite": "modern", "ephemeral": b(65), "sealed": "a..b.c.d"}, {"suite": "classic", "sealed": "a.b.c.d.e"}],
    15: [{"label": "wallet pay"} | bind | {"order": "A-1"} | terms | {"content_hash": b(32), "pin_hash": b(32), "expires": 1},
         {"label": "wallet pay"} | bind | {"order": "A-1"} | direct | {"content_hash": b(32), "expires": 1}],
    16: [{"content": "two teas", "pin_block": b(16)}],
    17: [terms | {"subject": "two teas"}, direct | {"subject": "two teas"}],
    18: [{"suite": "modern", "session": ID, "jws": "a.b.c", "content": "two teas", "pin_block": b(16), "mac": b(32)},
         {"suite": "modern", "session": ID, "jws": "a.b.c", "sealed": "a..b.c.d"},
         {"suite": "classic", "session": ID, "order": "A-1", "number": "8613800000001", "signature": b(64), "content": "{}"},
         {"suite": "classic", "session": ID, "order": "A-1", "number": "8613800000001", "signature": b(64), "sealed": "a..b.c.d"}],
    19: [{"label": "wallet query"} | bind | {"order": "A-1"}],
    20: [{"label": "wallet refund"} | bind | {"order": "A-1", "refund": "R-1", "amount": 4}],
    21: [{"suite": "modern", "session": ID, "jws": "a.b.c", "mac": b(32)},
         {"suite": "modern", "session": ID, "returned": "{}", "jws": "a.b.c", "mac": b(32)},
         {"suite": "classic", "session": ID, "number": "8613800000001", "order": "A-1", "time": 1, "nonce_t": b(16), "signature": b(64)}],
    22: [{"suite": "classic", "session": ID, "number": "8613800000001", "order": "A-1", "refund": "R-1", "amount": 4, "time": 1, "nonce_t": b(16), "signature": b(64)}],
    23: [{"label": "wallet result", "platform": "wallet.test", "request": b(32), "order": "A-1", "refund": "R-1", "transaction": "1", "result": "refunded",
          "amount": 4, "refunded": 4, "time": 1},
         {"label": "wallet result", "platform": "wallet.test", "request": b(32), "order": "A-1", "transaction": "1", "result": "pending", "amount": 4, "tn": "6123", "refunded": 0, "time": 1}],
    24: [{"label": "wallet instrument", "wallet": "", "number": b(16), "expiry": "3012"}],
    26: [{"label": "wallet instruments"} | bind | {"act": "close", "token": "card-1", "sealed_hash": b(32)}],
    27: [{"session": ID, "jws": "a.b.c", "mac": b(32), "sealed": "a..b.c.d"}],
}
out.mkdir(parents=True, exist_ok=True)
for case, messages in seeds.items():
    for i, message in enumerate(messages):
        (out / f"{case:02}_{i}").write_bytes(bytes([case]) + json.dumps(message, separators=(",", ":")).encode())
header = base64.urlsafe_b64encode(b'{"alg":"ES256","typ":"trustferry-wallet-pay"}').rstrip(b"=").decode()
(out / "25_0").write_bytes(bytes([25]) + f"{header}.e30.{b(64)}".encode())
