#include "protocols/onboard/digest_aka.hpp"

#include <algorithm>

#include "crypto/digest.hpp"
#include "crypto/md5.hpp"
#include "protocols/onboard/digest_header.hpp"
#include "wire/encoding.hpp"

namespace tf::onboard {
namespace {

constexpr std::string_view kQop = "auth";
constexpr std::string_view kCount = "00000001";
constexpr std::string_view kV2Label = "http-digest-akav2-password";  // RFC 4169 §2
constexpr std::size_t kMaxName = 256;
constexpr std::size_t kMaxUri = 1024;

Result<DigestAlgorithm> algorithm_of(std::string_view name) {
  for (const auto known : {DigestAlgorithm::aka_v1_md5, DigestAlgorithm::aka_v2_sha256})
    if (name == name_of(known)) return known;
  return bad_digest("an algorithm that is not served");
}

// H of RFC 7616 §3.4: lower-case hexadecimal digits. The parts one after another.
std::string hash(DigestAlgorithm algorithm, std::initializer_list<ByteView> parts) {
  return algorithm == DigestAlgorithm::aka_v1_md5 ? wire::hex_lower(crypto::md5(parts)) : wire::hex_lower(crypto::sha256(parts));
}

std::size_t response_size(DigestAlgorithm algorithm) { return algorithm == DigestAlgorithm::aka_v1_md5 ? 32 : 64; }

template <std::size_t N>
Result<ByteArray<N>> octets(std::string_view base64) {
  const auto bytes = wire::from_base64(base64);
  if (!bytes || bytes->size() != N) return bad_digest("a value in base64 of another size");
  ByteArray<N> out;
  std::ranges::copy(*bytes, out.begin());
  return out;
}

Result<std::string> sized(std::string text, std::size_t least, std::size_t most) {
  if (text.size() < least || text.size() > most) return bad_digest("a value that is too short or too long");
  return text;
}

}  // namespace

std::string_view name_of(DigestAlgorithm algorithm) { return algorithm == DigestAlgorithm::aka_v1_md5 ? "AKAv1-MD5" : "AKAv2-SHA-256"; }

std::string nonce_of(const crypto::Rand& rand, const crypto::Autn& autn) {
  Bytes both = to_bytes(rand);
  append(both, autn);
  return wire::base64(both);
}

std::string encode(const DigestChallenge& challenge) {
  std::string out = "Digest realm=\"" + challenge.realm + "\", nonce=\"" + nonce_of(challenge.rand, challenge.autn) + "\", qop=\"auth\"";
  if (challenge.stale) out += ", stale=true";
  return out + ", algorithm=" + std::string(name_of(challenge.algorithm));
}

Result<DigestChallenge> parse_digest_challenge(std::string_view header) {
  DigestParameters in = TF_TRY(DigestParameters::parse(header));
  DigestChallenge out;
  out.realm = TF_TRY(sized(TF_TRY(in.take("realm", true)), 1, kMaxName));
  const auto nonce = TF_TRY(octets<32>(TF_TRY(in.take("nonce", true))));
  std::copy_n(nonce.begin(), 16, out.rand.begin());
  std::copy_n(nonce.begin() + 16, 16, out.autn.begin());
  if (TF_TRY(in.take("qop", true)) != kQop) return bad_digest("a qop that is not served");
  out.algorithm = TF_TRY(algorithm_of(TF_TRY(in.take("algorithm", false))));
  if (in.has("stale")) {
    const std::string stale = TF_TRY(in.take("stale", false));
    if (stale != "true" && stale != "false") return bad_digest("stale is true or false");
    out.stale = stale == "true";
  }
  TF_CHECK(in.finish());
  return out;
}

std::string encode(const DigestAnswer& answer) {
  std::string out = "Digest username=\"" + answer.username + "\", realm=\"" + answer.realm + "\", nonce=\"" + answer.nonce + "\", uri=\"" + answer.uri + "\"";
  if (!answer.nonce.empty()) out += ", qop=auth, nc=" + std::string(kCount) + ", cnonce=\"" + answer.cnonce + "\"";
  out += ", response=\"" + answer.response + "\", algorithm=" + std::string(name_of(answer.algorithm));
  if (answer.auts) out += ", auts=\"" + wire::base64(*answer.auts) + "\"";
  return out;
}

Result<DigestAnswer> parse_digest_answer(std::string_view header) {
  DigestParameters in = TF_TRY(DigestParameters::parse(header));
  DigestAnswer out;
  out.username = TF_TRY(sized(TF_TRY(in.take("username", true)), 1, kMaxName));
  out.realm = TF_TRY(sized(TF_TRY(in.take("realm", true)), 1, kMaxName));
  out.nonce = TF_TRY(sized(TF_TRY(in.take("nonce", true)), 0, 64));
  out.uri = TF_TRY(sized(TF_TRY(in.take("uri", true)), 1, kMaxUri));
  out.response = TF_TRY(in.take("response", true));
  out.algorithm = TF_TRY(algorithm_of(TF_TRY(in.take("algorithm", false))));
  if (out.nonce.empty()) {
    if (!out.response.empty()) return bad_digest("a response without a nonce");
    TF_CHECK(in.finish());
    return out;
  }
  if (out.response.size() != response_size(out.algorithm) || !std::ranges::all_of(out.response, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }))
    return bad_digest("a response of another size or spelling");
  if (TF_TRY(in.take("qop", false)) != kQop || TF_TRY(in.take("nc", false)) != kCount) return bad_digest("a qop or nonce count that is not served");
  out.cnonce = TF_TRY(sized(TF_TRY(in.take("cnonce", true)), 1, 64));
  if (in.has("auts")) out.auts = TF_TRY(octets<14>(TF_TRY(in.take("auts", true))));
  TF_CHECK(in.finish());
  return out;
}

SecretBytes digest_password(DigestAlgorithm algorithm, const Secret<8>& res, const Secret<16>& ik, const Secret<16>& ck) {
  if (algorithm == DigestAlgorithm::aka_v1_md5) return SecretBytes(ByteView(res.reveal()));
  Secret<40> all;
  auto at = std::ranges::copy(res.reveal(), all.reveal_mutable().begin()).out;
  at = std::ranges::copy(ik.reveal(), at).out;
  std::ranges::copy(ck.reveal(), at);
  Hash256 derived = crypto::hmac_sha256(all.reveal(), as_bytes(kV2Label));
  std::string text = wire::base64(derived);
  SecretBytes out(as_bytes(text));
  wipe(text.data(), text.size());
  wipe(derived.data(), derived.size());
  return out;
}

std::string digest_response(const DigestAnswer& answer, std::string_view method, const SecretBytes& password) {
  const ByteView colon = as_bytes(":");
  const auto algorithm = answer.algorithm;
  std::string a1 = hash(algorithm, {as_bytes(answer.username), colon, as_bytes(answer.realm), colon, password.reveal()});
  const std::string a2 = hash(algorithm, {as_bytes(method), colon, as_bytes(answer.uri)});
  std::string out = hash(algorithm, {as_bytes(a1), colon, as_bytes(answer.nonce), colon, as_bytes(kCount), colon, as_bytes(answer.cnonce), colon,
                                     as_bytes(kQop), colon, as_bytes(a2)});
  wipe(a1.data(), a1.size());
  return out;
}

bool verify_digest(const DigestAnswer& answer, std::string_view method, const SecretBytes& password) {
  return equal_in_constant_time(as_bytes(digest_response(answer, method, password)), as_bytes(answer.response));
}

namespace {

DigestAnswer unsigned_answer(const DigestChallenge& challenge, const DigestUser& user, std::string_view uri) {
  DigestAnswer out;
  out.username = user.username;
  out.realm = challenge.realm;
  out.nonce = nonce_of(challenge.rand, challenge.autn);
  out.uri = std::string(uri);
  out.cnonce = user.cnonce;
  out.algorithm = challenge.algorithm;
  return out;
}

}  // namespace

DigestAnswer answer_digest(const DigestChallenge& challenge, const DigestUser& user, std::string_view method, std::string_view uri, const Secret<8>& res,
                           const Secret<16>& ik, const Secret<16>& ck) {
  DigestAnswer out = unsigned_answer(challenge, user, uri);
  out.response = digest_response(out, method, digest_password(challenge.algorithm, res, ik, ck));
  return out;
}

DigestAnswer answer_digest_with_auts(const DigestChallenge& challenge, const DigestUser& user, std::string_view method, std::string_view uri,
                                     const crypto::Auts& auts) {
  DigestAnswer out = unsigned_answer(challenge, user, uri);
  out.auts = auts;
  out.response = digest_response(out, method, SecretBytes());
  return out;
}

}  // namespace tf::onboard
