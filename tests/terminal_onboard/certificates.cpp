#include "tests/terminal_onboard/certificates.hpp"

#include "base/file.hpp"
#include "pki/profile/profile.hpp"

namespace tf::terminal::test {
namespace {

using tf::test::must;

SystemRandom& randomness() {
  static SystemRandom random;
  return random;
}
std::int64_t now() { return SystemClock().now_ms(); }

pki::Issuer self_signed(std::string_view name) {
  auto key = crypto::PrivateKey::generate_p256();
  auto certificate = must(pki::make_root(name, key, {now(), pki::kRootDays}, randomness()));
  return {std::move(certificate), std::move(key)};
}

Authority authority(const pki::Issuer& root, std::string_view name, const std::vector<pki::Usage>& usages) {
  auto key = crypto::PrivateKey::generate_p256();
  auto certificate = must(pki::issue_authority(root, name, usages, key.public_key(), {now(), pki::kAuthorityDays}, randomness()));
  pki::Issuer issuer{std::move(certificate), std::move(key)};
  auto responder_key = crypto::PrivateKey::generate_p256();
  auto responder = must(pki::issue_ocsp_signer(issuer, "OCSP", responder_key.public_key(), {now(), pki::kOcspSignerDays}, randomness()));
  return {std::move(issuer), {std::move(responder), std::move(responder_key)}};
}

pki::Profile profile(const char* name) {
  const auto text = must(read_file(std::string(TRUSTFERRY_SOURCE_DIR) + "/packaging/profiles/" + name + ".toml", 16'384));
  return must(pki::parse_profile(as_text(text)));
}

}  // namespace

Certificates::Certificates(std::string_view name)
    : root(self_signed(name)),
      modules(authority(root, "Modules", {pki::Usage::onboard_module, pki::Usage::onboard_module_decryption})),
      servers(authority(root, "Servers", {pki::Usage::onboard_operator, pki::Usage::onboard_issuer, pki::Usage::onboard_registration, pki::Usage::onboard_access})),
      operations(authority(root, "Operations", {pki::Usage::tls_server, pki::Usage::tls_client})) {}

std::vector<pki::Certificate> Certificates::issue(const char* name, const pki::Names& names, const crypto::PublicKey& key) const {
  const pki::Profile after = profile(name);
  const Authority& by = after.authority == "modules" ? modules : servers;
  const pki::RevocationPlaces places{"http://lists.example/{shard}.crl", 1, "http://ocsp.example/ocsp"};
  const auto leaf = must(pki::build_leaf({.profile = after, .names = names, .key = key, .issuer = by.issuer.certificate, .places = places, .now_ms = now()}, randomness()));
  return {must(pki::Certificate::from_der(must(pki::sign_leaf(leaf, by.issuer.key)))), by.issuer.certificate};
}

std::vector<pki::Certificate> Certificates::module(const char* profile, const std::string& dsim_id, const crypto::PublicKey& key) const {
  return issue(profile, {.subject = {{"serialNumber", dsim_id}}}, key);
}

onboard::Signer Certificates::signer(const char* profile, const std::string& common_name) const {
  auto key = crypto::PrivateKey::generate_p256();
  const auto chain = issue(profile, {.subject = {{"commonName", common_name}}}, key.public_key());
  return {[key](ByteView input) { return crypto::sign_es256(key, input); }, onboard::chain_of(chain)};
}

TlsIdentity Certificates::tls() const {
  auto key = crypto::PrivateKey::generate_p256();
  auto certificate = must(pki::issue_tls_server_certificate(operations.issuer, {.dns = {"localhost"}}, key.public_key(), {now(), 30}, randomness()));
  return {{std::move(certificate), operations.issuer.certificate}, std::move(key)};
}

Bytes Certificates::ocsp(ByteView request, const std::set<std::string>& revoked) const {
  const auto asked = must(pki::ocsp::decode_request(request));
  const bool of_modules = pki::ocsp::IssuerHashes(modules.issuer.certificate).match(asked.cert_ids.front());
  const Authority& by = of_modules ? modules : servers;
  std::vector<pki::ocsp::SingleResponse> singles;
  for (const auto& id : asked.cert_ids) {
    auto& single = singles.emplace_back(pki::ocsp::SingleResponse{.cert_id = id, .status = pki::ocsp::CertStatus::good, .this_update_ms = now() - 1000, .next_update_ms = now() + 3'600'000});
    if (!revoked.contains(id.serial_hex)) continue;
    single.status = pki::ocsp::CertStatus::revoked;
    single.revoked_at_ms = now() - 60'000;
  }
  return must(pki::ocsp::make_response({.responses = std::move(singles), .produced_at_ms = now(), .nonce = asked.nonce},
                                       must(pki::ocsp::responder_of(by.responder.certificate, by.responder.key))));
}

}  // namespace tf::terminal::test
