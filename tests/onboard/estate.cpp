#include "tests/onboard/estate.hpp"

#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "module/software/software_module.hpp"
#include "pki/leaf/leaf.hpp"
#include "wire/encoding.hpp"

namespace tf::onboard::test {
namespace {

pki::Issuer root_of(const std::string& name, Random& random, std::int64_t now_ms) {
  auto key = crypto::PrivateKey::generate_p256();
  return {must(pki::make_root(name, key, {now_ms, pki::kRootDays}, random)), key};
}

Authority authority_below(const pki::Issuer& root, const std::string& name, const std::vector<pki::Usage>& usages, Random& random, std::int64_t now_ms) {
  auto key = crypto::PrivateKey::generate_p256();
  pki::Issuer issuer{must(pki::issue_authority(root, name, usages, key.public_key(), {now_ms, pki::kAuthorityDays}, random)), key};
  auto ocsp_key = crypto::PrivateKey::generate_p256();
  pki::Issuer ocsp{must(pki::issue_ocsp_signer(issuer, "OCSP for " + name, ocsp_key.public_key(), {now_ms, pki::kOcspSignerDays}, random)), ocsp_key};
  return {std::move(issuer), std::move(ocsp)};
}

pki::Profile profile_of(const std::string& name) {
  const Bytes text = must(read_file(std::string(TRUSTFERRY_SOURCE_DIR) + "/packaging/profiles/" + name + ".toml", 64 * 1024));
  return must(pki::parse_profile(as_text(text)));
}

module::software::Settings settings_of(const std::string& directory) { return {directory, Secret<32>{}}; }

// The sealed file of a module, by id and variant.
const Bytes& made_module(const std::string& dsim_id, const std::string& which, Estate& whose, int days) {
  static std::map<std::string, Bytes> made;
  const std::string key = dsim_id + "/" + which + "/" + whose.root.certificate.common_name() + "/" + std::to_string(days);
  if (const auto found = made.find(key); found != made.end()) return found->second;
  tf::test::DeterministicRandom random(key);
  tf::test::DeterministicRandom openssl(key + " openssl");
  const tf::test::OpenSslRandomness guard(openssl);
  const tf::test::TemporaryDirectory directory;
  {
    auto module = must(module::software::create(settings_of(directory.file("")), dsim_id, random), "making a module");
    const auto& issuer = whose.modules.issuer.certificate;
    must(module->store_certificates(module::Key::sign, {whose.issue("onboard-module", dsim_id, module->public_key(module::Key::sign), days), issuer}));
    must(module->store_certificates(module::Key::decrypt,
                                    {whose.issue("onboard-module-decryption", dsim_id, module->public_key(module::Key::decrypt), days), issuer}));
  }
  return made[key] = must(read_file(directory.file(dsim_id + ".module"), 64 * 1024));
}

}  // namespace

Estate::Estate(std::string_view name)
    : title(name), random(std::string(name)), root([&] {
        return root_of(std::string(name) + " root", random, clock.now_ms());
      }()),
      modules(authority_below(root, std::string(name) + " modules CA", {pki::Usage::onboard_module, pki::Usage::onboard_module_decryption}, random, clock.now_ms())),
      servers(authority_below(root, std::string(name) + " servers CA",
                              {pki::Usage::onboard_operator, pki::Usage::onboard_issuer, pki::Usage::onboard_registration, pki::Usage::onboard_access,
                               pki::Usage::tls_server, pki::Usage::tls_client},
                              random, clock.now_ms())) {}

pki::Certificate Estate::issue(const std::string& profile_name, const std::string& name, const crypto::PublicKey& key, int days) {
  const pki::Profile profile = profile_of(profile_name);
  const bool of_module = profile.authority == "modules";
  const pki::Issuer& issuer = of_module ? modules.issuer : servers.issuer;
  const pki::Names names{.subject = {{of_module ? "serialNumber" : "commonName", name}}};
  const pki::RevocationPlaces places{"http://ca.test/{shard}.crl", 1, "http://ocsp.test/"};
  // Of its own randomness: what a test issues changes no other test's certificates.
  const std::string seed = title + profile_name + name + wire::hex_lower(crypto::sha256(key.spki()));
  tf::test::DeterministicRandom random(seed);
  tf::test::DeterministicRandom openssl(seed + " openssl");
  const tf::test::OpenSslRandomness guard(openssl);
  const auto leaf = must(pki::build_leaf({profile, names, key, issuer.certificate, places, clock.now_ms(), days}, random), "building a certificate");
  return must(pki::Certificate::from_der(must(pki::sign_leaf(leaf, issuer.key))));
}

Signer Estate::signer(const std::string& profile, const std::string& common_name, int days) {
  tf::test::DeterministicRandom openssl(title + profile + common_name + std::to_string(days));
  const auto key = [&] {
    const tf::test::OpenSslRandomness guard(openssl);
    return crypto::PrivateKey::generate_p256();
  }();
  const auto certificate = issue(profile, common_name, key.public_key(), days);
  return {[key](ByteView data) { return crypto::sign_es256(key, data); }, {certificate.der(), servers.issuer.certificate.der()}};
}

const Authority& Estate::authority_of(const pki::Certificate& issuer) const { return issuer == modules.issuer.certificate ? modules : servers; }

Estate& estate() {
  static Estate one = [] {
    tf::test::DeterministicRandom openssl("onboard estate openssl");
    const tf::test::OpenSslRandomness guard(openssl);
    return Estate("Onboard");
  }();
  return one;
}

Estate& foreign_estate() {
  static Estate one = [] {
    tf::test::DeterministicRandom openssl("foreign estate openssl");
    const tf::test::OpenSslRandomness guard(openssl);
    return Estate("Foreign");
  }();
  return one;
}

void FactoryModule::power_cycle() {
  module.reset();
  module = must(module::software::open(settings_of(directory->file("")), dsim_id, *random), "opening a module");
}

FactoryModule module_of(const std::string& dsim_id, const std::string& which, Estate& whose, int days) {
  FactoryModule out{std::make_unique<tf::test::TemporaryDirectory>(), dsim_id, std::make_unique<tf::test::DeterministicRandom>("module " + dsim_id), nullptr};
  must(write_file_atomic(out.directory->file(dsim_id + ".module"), made_module(dsim_id, which, whose, days), 0600));
  out.power_cycle();
  return out;
}

}  // namespace tf::onboard::test
