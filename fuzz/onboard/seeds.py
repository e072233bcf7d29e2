#!/usr/bin/env python3
"""Writes fuzz/corpus/onboard_messages anew: seeds.py FOLDER. One seed a decoder, some a message of each form."""
import base64, json, pathlib, sys

out = pathlib.Path(sys.argv[1])
b = lambda n, x=7: base64.urlsafe_b64encode(bytes([x]) * n).rstrip(b"=").decode()
ID, URL, CHAIN = "DSIM-0001", "https://a.operator.test", [b(100), b(90, 8)]
account = {"user": "d1@dm1", "password": "p", "server_password": "q", "client_nonce": b(16), "server_nonce": b(16)}
servers = [{"url": "https://dm1.test", "server_id": "dm1"}]
referred = {"operator": "a", "route": [URL], "nonce": b(32), "expires": 1793491200000}
done = {"envelope_hash": b(32), "delivery": "d1"}
seeds = {
    0: [{"iss": "phlr.test", "sub": "001010123456789", "iat": 1, "exp": 600, "hosts": ["rs1:443", "[::1]:8443"]}],
    1: [{"dsim_id": ID, "nonce_a": b(16), "decryption": CHAIN}],
    2: [{"sealed": "a.b.c.d.e", "referral": "a.b.c"}],
    3: [{"operator": "a", "route": [URL], "registration_nonce": b(32), "expires": 1793491200000}],
    4: [{"dsim_id": ID, "nonce_a": b(16), "sealed_hash": b(32)}],
    5: [{"dsim_id": ID, "nonce_d": b(16), "signing": CHAIN, "decryption": CHAIN}],
    6: [{"session": "0" * 32, "nonce_c": b(16), "operator": "a", "certificate": CHAIN, "expires_in": 60}],
    7: [{"session": "0" * 32, "request": "a.b.c"}],
    8: [{"transcript": b(32), "session_nonce": b(32)}],
    9: [{"transcript": b(32), "envelope_hash": b(32), "delivery": "d1", "provisioning": servers, "accounts": "a.b.c.d.e"}],
    10: [{"accounts": [account, account | {"user": "d1@dm2"}]}, {"accounts": []}],
    11: [{"transcript": b(32), "envelope_hash": b(32), "delivery": "d1"}],
    12: [{"rows": [{"dsim_id": ID, "owner": "Anna", "plan": "plan-1"}, {"dsim_id": ID, "owner": "Anna", "plan": "p", "signing": CHAIN, "decryption": CHAIN}]}],
    13: [{"rows": [{"dsim_id": ID, "result": "registered"}]}],
    14: [{"rows": [{"dsim_id": ID, "operator": "a", "route": [URL], "registration_nonce": b(32), "expires": 5}]}],
    15: [{"rows": [{"dsim_id": ID, "nonce_hash": b(32)}]}],
    16: [{"dsim_id": ID, "device_hash": b(32), "nonce_hash": b(32), "decryption": CHAIN, "plan": "plan-1", "expires": 5}],
    17: [{"envelope": b(60), "imsi_hash": b(32)}],
    18: [{"dsim_id": ID, "nonce_hash": b(32)}],
    19: [{"delivery": "d1", "dsim_id": ID, "account": account, "credentialing": URL, "notify": "10.0.0.1:4000",
          "items": [{"name": "apn", "type": "text/plain", "data": b(8)}]},
         {"delivery": "d1", "dsim_id": ID, "account": account, "credentialing": URL, "items": []}],
    20: [{"stage": "preliminary"}, {"stage": "referred"} | referred,
         {"stage": "ready"} | referred | done | {"transcript": b(32)},
         {"stage": "stored", "operator": "a", "route": [URL]} | done | {"receipt": "a.b.c"}, {"stage": "subscribed", "operator": "a", "route": [URL]} | done],
    21: [{"envelope": b(60)}],
    22: [{"receipt": base64.urlsafe_b64encode(b'{"alg":"ES256","typ":"trustferry-onboard-receipt"}').rstrip(b"=").decode() + ".e30." + b(64)}],
    26: [{"code": "refused", "reason": "session"}],
}
out.mkdir(parents=True, exist_ok=True)
for case, messages in seeds.items():
    for i, message in enumerate(messages):
        (out / f"{case:02}_{i}").write_bytes(bytes([case]) + json.dumps(message, separators=(",", ":")).encode())
h = "0" * 64
credential = f"<Operator>a</Operator><DeviceHash>{h}</DeviceHash><NonceHash>{h}</NonceHash><Imsi>999701000000001</Imsi><Iccid>899900000000000001</Iccid>"
for i, constant in enumerate([f"<Opc>{'1' * 32}</Opc>", f"<Topc>{'1' * 64}</Topc>"]):
    whole = credential + f"<K>{'0' * 32}</K>{constant}<Amf>8000</Amf>"
    (out / f"24_{i}").write_bytes(bytes([24]) + f'<Credential xmlns="urn:trustferry:onboard:1">{whole}</Credential>'.encode())
header = base64.urlsafe_b64encode(b'{"alg":"ES256","typ":"trustferry-onboard-access"}').rstrip(b"=").decode()
(out / "25_0").write_bytes(bytes([25]) + f"{header}.e30.{b(64)}".encode())
golden = pathlib.Path(__file__).parents[2] / "vectors/onboard/golden.txt"  # an envelope is signed: the one of the recorded story
delivered = next(line for line in golden.read_text().splitlines() if line.startswith("< dm1 dm {")).partition("dm {")[2]
envelope = json.loads("{" + delivered)["envelope"]
(out / "23_0").write_bytes(bytes([23]) + base64.urlsafe_b64decode(envelope + "=" * (-len(envelope) % 4)))
