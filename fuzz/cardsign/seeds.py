#!/usr/bin/env python3
"""Writes fuzz/corpus/cardsign_messages anew: seeds.py FOLDER. One seed a decoder, some a message of each kind."""
import base64, json, pathlib, sys

out = pathlib.Path(sys.argv[1])
b = lambda n, x=7: base64.urlsafe_b64encode(bytes([x]) * n).rstrip(b"=").decode()
ID = "A" * 22
reply = {"session": ID, "step": 2}
keys = {"scp03": {"enc": b(16), "mac": b(16), "dek": b(16)}, "ota": {"kic": b(32), "kid": b(32)}}
seeds = {
    0: [{"code": "A" * 26}, {"code": "A" * 26, "serial": "TF-000001"}],
    1: [{"payment": ID}, {"payment": ID, "instrument": "card-1", "suite": "classic", "container": 2}],
    2: [{"serial": "TF-000001"}],
    3: [{"session": ID, "step": 1, "answers": [b(2), b(40)]}, {"session": ID, "step": 2, "answers": [], "pin_envelope": b(190)}, {"session": ID, "step": 3, "answers": [], "removed": True}],
    4: [reply | {"commands": [b(5), b(30)]}, reply | {"display": {"jws": "a.b.c", "channel": [b(50), b(60)], "tries": 2}}, reply | {"done": {"result": "a.b.c"}},
        reply | {"done": {"updated": 2}}, reply | {"done": {"serial": "TF-000001", "certificates": [{"slot": "payment", "certificate": b(60)}]}}],
    5: [{"label": "cardsign display", "platform": "p.test", "user": "anna", "serial": "TF-000001", "suite": "modern", "payment": b(120), "card_nonce": b(16), "container": 0, "counter": 4}],
    6: [{"label": "cardsign result", "platform": "p.test", "user": "anna", "serial": "TF-000001", "digest": b(32), "transaction": "20261121000000000001", "result": "approved", "amount": 1250,
         "currency": "CNY", "time": 1790000000000}],
    7: [{"platform": "p.test", "results": [{"kid": "k", "x5c": ["AAAA", "BBBB"]}]}],
    8: [{"merchant": "SHOP1", "order": "A-1", "amount": 1250, "currency": "CNY", "subject": "Two coffees", "user": "anna", "expires": 1790000000000}],
    9: [{"payment": ID, "page": "/cardsign/pay/" + ID}],
    10: [{"serial": "TF-000001"} | keys | {"factory": [b(80)], "channel": b(70)}, {"serial": "TF-000001"} | keys | {"factory": [b(80)], "channel": b(70), "preset": [b(60)]}],
    11: ["Two coffees", "咖啡"],
    12: [{"serial": "TF-000001", "proof": b(51)}],
    13: [{"updated": 1}],
}
out.mkdir(parents=True, exist_ok=True)
for old in out.iterdir():
    old.unlink()
for which, bodies in seeds.items():
    for i, body in enumerate(bodies):
        text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))
        (out / f"{which:02}_{i}").write_bytes(bytes([which]) + text.encode())
