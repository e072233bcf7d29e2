#include <algorithm>

#include "apdu/shield.hpp"
#include "apdu/tlv.hpp"
#include "crypto/jose/rs256.hpp"

namespace tf::apdu::shield {
namespace {

enum : std::uint32_t { kCertificate = 0x70, kNonce = 0x85, kCounter = 0x87, kSignature = 0x89, kHash = 0x8A, kPinTries = 0x9A, kPukTries = 0x9B, kStructure = 0xA8, kContainer = 0x82 };

Error bad_answer(const char* what) { return Error{Code::malformed, "cardsign.answer", what}; }

template <class T>
Result<T> told(Result<T> result) {
  if (!result) return bad_answer("not the objects it should have");
  return result;
}

ByteArray<8> eight(std::uint64_t value) {
  ByteArray<8> out;
  for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
  return out;
}

Result<ByteView> sized(TlvReader& reader, std::uint32_t tag, std::size_t size) {
  const ByteView value = TF_TRY(told(reader.expect(tag)));
  if (value.size() != size) return bad_answer("a member of another size");
  return value;
}

Result<std::uint64_t> counter(TlvReader& reader) {
  std::uint64_t out = 0;
  for (const std::uint8_t octet : TF_TRY(sized(reader, kCounter, 8))) out = out << 8 | octet;
  return out;
}

Status done(const TlvReader& reader) { return reader.at_end() ? Status{} : Status{bad_answer("more than it should have")}; }

}  // namespace

Result<std::string> read_serial(ByteView answer) {
  std::string out(as_text(answer));
  if (!valid_serial(out)) return bad_answer("no serial");
  return out;
}

Result<std::vector<Bytes>> read_chain(ByteView answer) {
  std::vector<Bytes> out;
  for (TlvReader reader(answer); !reader.at_end();) {
    out.push_back(to_bytes(TF_TRY(told(reader.expect(kCertificate)))));
    if (out.size() > 4) return bad_answer("a chain of more than 4");
  }
  if (out.empty()) return bad_answer("no chain");
  return out;
}
Bytes encode_chain(const std::vector<Bytes>& chain) {
  TlvWriter out;
  for (const Bytes& certificate : chain) out.put(kCertificate, certificate);
  return out.take();
}

Result<Prepared> read_prepared(ByteView answer) {
  TlvReader reader(answer);
  Prepared out;
  std::ranges::copy(TF_TRY(sized(reader, kNonce, out.nonce.size())), out.nonce.begin());
  out.counter = TF_TRY(counter(reader));
  TF_CHECK(done(reader));
  return out;
}
Bytes encode_prepared(const Prepared& prepared) { return TlvWriter().put(kNonce, prepared.nonce).put(kCounter, eight(prepared.counter)).take(); }

Result<SignedPayment> read_signed(ByteView answer) {
  TlvReader reader(answer);
  SignedPayment out;
  out.counter = TF_TRY(counter(reader));
  out.signature = to_bytes(TF_TRY(told(reader.expect(kSignature))));
  TF_CHECK(done(reader));
  if (out.signature.empty() || out.signature.size() > 512) return bad_answer("no signature");
  return out;
}
Bytes encode_signed(const SignedPayment& payment) { return TlvWriter().put(kCounter, eight(payment.counter)).put(kSignature, payment.signature).take(); }

Result<Tries> read_tries(ByteView answer) {
  TlvReader reader(answer);
  Tries out;
  out.pin = TF_TRY(sized(reader, kPinTries, 1))[0];
  out.puk = TF_TRY(sized(reader, kPukTries, 1))[0];
  TF_CHECK(done(reader));
  return out;
}
Bytes encode_tries(const Tries& tries) {
  const auto pin = static_cast<std::uint8_t>(tries.pin), puk = static_cast<std::uint8_t>(tries.puk);
  return TlvWriter().put(kPinTries, ByteView(&pin, 1)).put(kPukTries, ByteView(&puk, 1)).take();
}

Bytes PaymentRecord::encode() const {
  TlvWriter out;
  out.put(kCounter, eight(counter)).put(kContainer, ByteView(&container, 1));
  if (hash) out.put(kHash, *hash);
  else out.put(kStructure, structure);
  return out.take();
}

Result<PaymentRecord> read_payment_record(ByteView answer) {
  TlvReader reader(answer);
  PaymentRecord out;
  out.counter = TF_TRY(counter(reader));
  out.container = TF_TRY(sized(reader, kContainer, 1))[0];
  const Tlv content = TF_TRY(told(reader.next()));
  if (content.tag == kStructure) {
    out.structure = to_bytes(content.value);
  } else {
    if (content.tag != kHash || content.value.size() != 32) return bad_answer("neither structure nor hash");
    out.hash.emplace();
    std::ranges::copy(content.value, out.hash->begin());
  }
  TF_CHECK(done(reader));
  return out;
}

bool verify_signature(const crypto::PublicKey& key, ByteView signed_octets, ByteView signature) {
  if (key.kind() == crypto::KeyKind::p256) return crypto::verify_ecdsa_sha256(key, signed_octets, signature);
  return crypto::verify_rs256(key, signed_octets, signature);
}

}  // namespace tf::apdu::shield
