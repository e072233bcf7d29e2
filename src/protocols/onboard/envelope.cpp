// The issuer's side, and the header for whoever looks at it.
#include "protocols/onboard/envelope.hpp"

#include <algorithm>
#include <charconv>

#include "protocols/onboard/envelope_parts.hpp"
#include "protocols/onboard/identity.hpp"
#include "xml/security_signature.hpp"

namespace tf::onboard {
namespace {

Error malformed(std::string detail) { return Error{Code::malformed, "onboard.envelope", std::move(detail)}; }

Result<std::int64_t> time_of(const xml::Element& parent, std::string_view name) {
  const std::string text = TF_TRY(text_in(parent, name));
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || out < 0) return malformed("a time is milliseconds since 1970");
  return out;
}

void add_secret(xml::Element& parent, std::string_view name, ByteView secret) {
  std::string text = wire::hex_lower(secret);
  parent.add(ours(name), text);
  wipe(text.data(), text.size());
}

void add_header(xml::Element root, const EnvelopeHeader& header) {
  xml::Element out = root.add(ours("Header"));
  out.add(ours("Operator"), header.operator_id);
  out.add(ours("Device"), header.dsim_id);
  out.add(ours("DeviceHash"), wire::hex_lower(header.device_hash));
  out.add(ours("NonceHash"), wire::hex_lower(header.nonce_hash));
  out.add(ours("ImsiHash"), wire::hex_lower(header.imsi_hash));
  out.add(ours("Issued"), std::to_string(header.issued_ms));
  out.add(ours("Expires"), std::to_string(header.expires_ms));
}

xml::Element add_credential(xml::Element root, const EnvelopeHeader& header, const SubscriberCredential& credential) {
  xml::Element out = root.add(ours("Credential"));
  out.declare("", kEnvelopeSpace);  // it is read on its own once it is opened
  out.add(ours("Operator"), header.operator_id);
  out.add(ours("DeviceHash"), wire::hex_lower(header.device_hash));
  out.add(ours("NonceHash"), wire::hex_lower(header.nonce_hash));
  out.add(ours("Imsi"), credential.imsi);
  out.add(ours("Iccid"), credential.iccid);
  add_secret(out, "K", credential.key.k());
  add_secret(out, constant_of(credential.key.algorithm()), credential.key.opc());
  out.add(ours("Amf"), wire::hex_lower(credential.amf));
  return out;
}

xml::Signer xml_signer(const Signer& issuer) {
  return {crypto::KeyKind::p256, issuer.chain, [&issuer](ByteView info) -> Result<Bytes> { return to_bytes(TF_TRY(issuer.sign(info))); }};
}

}  // namespace

Status check_children(const xml::Element& parent, std::initializer_list<xml::Name> names, const char* reason) {
  const auto children = parent.children();
  const bool same = std::ranges::equal(children, names, [](const xml::Element& child, const xml::Name& name) { return child.is(name); });
  if (same) return {};
  return Error{Code::malformed, reason, "other elements than expected"};
}

Result<Hash256> hash_in(const xml::Element& parent, std::string_view name) {
  const Bytes bytes = TF_TRY(wire::from_hex(TF_TRY(text_in(parent, name))));
  Hash256 out;
  if (bytes.size() != out.size()) return malformed("a hash has 64 hex digits");
  std::ranges::copy(bytes, out.begin());
  return out;
}

Result<EnvelopeHeader> header_in(const xml::Element& envelope) {
  const xml::Element header = TF_TRY(envelope.child(ours("Header")));
  TF_CHECK(check_children(header, {ours("Operator"), ours("Device"), ours("DeviceHash"), ours("NonceHash"), ours("ImsiHash"), ours("Issued"), ours("Expires")},
                          "onboard.envelope"));
  EnvelopeHeader out;
  out.operator_id = TF_TRY(parse_id(TF_TRY(text_in(header, "Operator"))));
  out.dsim_id = TF_TRY(parse_dsim_id(TF_TRY(text_in(header, "Device"))));
  out.device_hash = TF_TRY(hash_in(header, "DeviceHash"));
  out.nonce_hash = TF_TRY(hash_in(header, "NonceHash"));
  out.imsi_hash = TF_TRY(hash_in(header, "ImsiHash"));
  out.issued_ms = TF_TRY(time_of(header, "Issued"));
  out.expires_ms = TF_TRY(time_of(header, "Expires"));
  return out;
}

Result<Bytes> compose_envelope(const CredentialsRequest& request, std::string_view operator_id, const pki::Certificate& decryption,
                               const SubscriberCredential& credential, const Signer& issuer, std::int64_t now_ms) {
  (void)TF_TRY(parse_imsi(credential.imsi));
  (void)TF_TRY(parse_iccid(credential.iccid));
  const EnvelopeHeader header{std::string(operator_id), request.dsim_id, request.device_hash, request.nonce_hash,
                              imsi_hash(request.nonce_hash, credential.imsi), now_ms, request.expires_ms};
  xml::Document document = xml::Document::create(ours("Envelope"));
  xml::Element root = document.root();
  root.set({"", "Id"}, kEnvelopeId);
  add_header(root, header);
  TF_CHECK(xml::encrypt(add_credential(root, header, credential), TF_TRY(decryption.public_key())));
  TF_CHECK(xml::sign(document, xml_signer(issuer)));
  const std::string text = TF_TRY(document.serialise());
  if (text.size() > kMaxEnvelope) return Error{Code::internal, "onboard.envelope_size", "the issuer's chain is too long for an envelope"};
  return to_bytes(as_bytes(text));
}

Result<pki::Certificate> check_credentials_request(const CredentialsRequest& request, const ChainVerifier& verifier, std::int64_t now_ms) {
  if (request.expires_ms <= now_ms) return Error{Code::refused, "onboard.expired", "the registration has expired"};
  return TF_TRY(verifier.verify_module(request.decryption, pki::Usage::onboard_module_decryption, request.dsim_id, now_ms)).leaf;
}

}  // namespace tf::onboard
