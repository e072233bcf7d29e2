#include "platform/onboard/directory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "audit/schema.hpp"
#include "base/file.hpp"
#include "pki/path/path.hpp"
#include "pki/request/elsewhere.hpp"
#include "platform/context.hpp"
#include "vault/process_memory.hpp"

namespace tf::platform {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFile = 256 * 1024;

Status make_directories(const OnboardPaths& paths) {
  std::error_code error;
  for (const char* inner : {"", "/requests", "/certificates", "/trust"}) {
    if (!error) fs::create_directories(paths.directory + inner, error);
  }
  if (error) return Error{Code::unavailable, "onboard.directory", "cannot make " + paths.directory + ": " + error.message()};
  fs::permissions(paths.directory, fs::perms::owner_all, error);
  return {};
}

// What is written between quotes as it is.
Status check_plain(const OnboardSettings& settings) {
  std::vector<std::string> texts = settings.hosts;
  texts.insert(texts.end(), {settings.name, settings.operator_id, settings.listen.address, settings.url, settings.phlr.realm, settings.phlr.socket, settings.hss.osmo,
                             settings.hss.realm, settings.provisioning.server_id, settings.credentialing.notify});
  texts.insert(texts.end(), settings.phlr.hosts.begin(), settings.phlr.hosts.end());
  for (const OnboardPeer& peer : settings.peers) texts.insert(texts.end(), {peer.role, peer.name, peer.url, peer.operator_id, peer.server_id});
  for (const std::string& text : texts)
    if (std::ranges::any_of(text, [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; }))
      return Error{Code::invalid, "config.value", "quotes, backslashes and control characters cannot stand in " + text};
  return {};
}

// Written, read back, and only then there.
Status write_settings(const OnboardPaths& paths, const OnboardSettings& settings) {
  TF_CHECK(check_plain(settings));
  const std::string probe = paths.settings() + ".new";
  TF_CHECK(write_file_atomic(probe, as_bytes(text_of(settings)), 0644));
  auto read = read_onboard_settings(probe);
  std::error_code error;
  fs::remove(probe, error);
  if (!read) return read.error();
  return write_file_atomic(paths.settings(), as_bytes(text_of(settings)), 0644);
}

Result<pki::CertificateRequest> request_for(vault::Vault& vault, const OnboardKey& key) {
  if (key.name == onboard_key::tls) {
    TF_TRY(vault.generate(key.name, crypto::KeyKind::p256, 0, vault::Purpose::tls));
    return pki::CertificateRequest::make(key.subject, TF_TRY(vault.signing_handle(key.name)));
  }
  const auto made = TF_TRY(vault.generate(key.name, crypto::KeyKind::p256, 0, vault::Purpose::sign));
  return pki::make_request(key.subject, made, [&](ByteView to_be_signed) -> Result<Bytes> {
    const auto signature = TF_TRY(vault.sign_es256(key.name, to_be_signed));
    return Bytes(signature.begin(), signature.end());
  });
}

Result<pki::Certificate> read_root(const OnboardPaths& paths) {
  return pki::Certificate::from_pem(as_text(TF_TRY(read_file(paths.root(), kMostFile))));
}

Status build(const OnboardPaths& paths, const OnboardSettings& settings, const pki::Certificate& root, const SecretBytes& passphrase,
             crypto::ScryptCost cost) {
  TF_CHECK(make_directories(paths));
  TF_CHECK(write_settings(paths, settings));
  SystemRandom random;
  auto vault = TF_TRY(vault::SoftwareVault::create(paths.vault(), passphrase, random, cost));
  for (const OnboardKey& key : keys_of(settings))
    TF_CHECK(write_file_atomic(paths.request(key.name), as_bytes(TF_TRY(request_for(*vault, key)).to_pem()), 0644));
  const auto audit_key = TF_TRY(vault->generate(key_name::audit, crypto::KeyKind::p256, 0, vault::Purpose::sign));
  TF_CHECK(write_file_atomic(paths.audit_key(), audit_key.spki(), 0644));
  return write_file_atomic(paths.root(), as_bytes(root.to_pem()), 0644);
}

}  // namespace

std::vector<OnboardKey> keys_of(const OnboardSettings& settings) {
  std::vector<OnboardKey> out{{std::string(onboard_key::tls), settings.hosts.front(), "onboard-server", pki::Usage::tls_server}};
  if (settings.has(onboard_role::credentialing))
    out.push_back({std::string(onboard_key::operator_), settings.operator_id, "onboard-operator", pki::Usage::onboard_operator});
  if (settings.has(onboard_role::hss)) out.push_back({std::string(onboard_key::issuer), settings.operator_id, "onboard-issuer", pki::Usage::onboard_issuer});
  if (settings.has(onboard_role::registration))
    out.push_back({std::string(onboard_key::registration), settings.name, "onboard-registration", pki::Usage::onboard_registration});
  if (settings.has(onboard_role::phlr)) out.push_back({std::string(onboard_key::access), settings.name, "onboard-access", pki::Usage::onboard_access});
  return out;
}

Status initialise_onboard(const std::string& directory, const OnboardSettings& settings, const pki::Certificate& root,
                          const SecretBytes& passphrase, crypto::ScryptCost cost) {
  if (settings.roles.empty()) return Error{Code::invalid, "config.value", "a server of onboard has one role at least"};
  std::error_code error;
  if (fs::exists(directory)) return Error{Code::conflict, "onboard.exists", directory + " is there already; nothing was changed"};
  const OnboardPaths making{directory + ".new"};
  fs::remove_all(making.directory, error);  // what an interrupted one left
  Status done = build(making, settings, root, passphrase, cost);
  if (done) fs::rename(making.directory, directory, error);
  if (done && error) done = Error{Code::unavailable, "onboard.directory", "cannot make " + directory + ": " + error.message()};
  if (!done) fs::remove_all(making.directory, error);
  return done;
}

Result<std::vector<InstalledCertificate>> install_onboard(const std::string& directory, const std::vector<pki::Certificate>& certificates, std::int64_t now_ms) {
  const OnboardPaths paths{directory};
  const OnboardSettings settings = TF_TRY(read_onboard_settings(paths.settings()));
  const pki::Certificate root = TF_TRY(read_root(paths));
  std::vector<pki::Certificate> leaves, above;
  for (const pki::Certificate& certificate : certificates) (certificate.is_ca() ? above : leaves).push_back(certificate);
  std::vector<InstalledCertificate> out;
  for (const pki::Certificate& leaf : leaves) {
    const Bytes spki = TF_TRY(leaf.public_key()).spki();
    bool found = false;
    for (const OnboardKey& key : keys_of(settings)) {
      const auto request = TF_TRY(pki::CertificateRequest::from_pem(as_text(TF_TRY(read_file(paths.request(key.name), kMostFile)))));
      if (request.public_key().spki() != spki) continue;
      if (leaf.common_name() != key.subject)
        return Error{Code::refused, "onboard.certificate", fmt::format("the certificate for {} is for \"{}\", not \"{}\"", key.name, leaf.common_name(), key.subject)};
      // At most four intermediates are looked at: those that could stand above this leaf.
      std::vector<pki::Certificate> near;
      for (const pki::Certificate& one : above)
        if (leaf.is_issued_by(one) && std::ranges::find(near, one) == near.end()) near.push_back(one);
      auto chain = TF_TRY(pki::find_path({.leaf = leaf, .intermediates = near, .anchors = {root}, .at_ms = now_ms, .usage = key.usage}));
      chain.pop_back();  // the root is known to who believes it
      TF_CHECK(write_file_atomic(paths.certificate(key.name), as_bytes(pki::to_pem(chain)), 0644));
      out.push_back({key.name, leaf});
      found = true;
    }
    if (!found) return Error{Code::refused, "onboard.certificate", fmt::format("\"{}\" is for no key of this directory", leaf.subject_text())};
  }
  if (out.empty()) return Error{Code::refused, "onboard.certificate", "there is no certificate of a server among these"};
  return out;
}

Status add_onboard_peer(const std::string& directory, const OnboardPeer& peer) {
  const OnboardPaths paths{directory};
  OnboardSettings settings = TF_TRY(read_onboard_settings(paths.settings()));
  const auto same = std::ranges::find_if(settings.peers, [&](const OnboardPeer& one) { return one.role == peer.role && one.name == peer.name; });
  if (same != settings.peers.end()) *same = peer;
  else settings.peers.push_back(peer);
  return write_settings(paths, settings);
}

Result<std::unique_ptr<OnboardOpened>> open_onboard(const std::string& directory, const SecretBytes& passphrase, const Clock& clock) {
  auto out = std::make_unique<OnboardOpened>();
  out->paths.directory = directory;
  out->clock = &clock;
  if (!fs::exists(out->paths.vault()))
    return Error{Code::not_found, "onboard.none", "there is no server of onboard in " + directory + ": trustferry onboard init makes one"};
  out->settings = TF_TRY(read_onboard_settings(out->paths.settings()));
  out->root = TF_TRY(read_root(out->paths));
  for (const OnboardKey& key : keys_of(out->settings)) {
    if (!fs::exists(out->paths.certificate(key.name)))
      return Error{Code::not_found, "onboard.no_certificate",
                   fmt::format("no certificate for {} yet: pki issue --profile {} --csr {}, then onboard install", key.name, key.profile, out->paths.request(key.name))};
    out->chains.emplace(key.name, TF_TRY(pki::certificates_from_pem(as_text(TF_TRY(read_file(out->paths.certificate(key.name), kMostFile))))));
  }
  vault::protect_process_memory();
  out->vault = TF_TRY(vault::SoftwareVault::open(out->paths.vault(), out->random));
  TF_CHECK(out->vault->unseal(passphrase));
  out->database = TF_TRY(store::open_sqlite({.path = out->paths.database(), .readers = 8, .gather_ms = static_cast<int>(out->settings.gather_ms)}));
  out->batches = std::make_unique<store::BatchMetrics>(*out->database, out->metrics);
  TF_CHECK(out->database->migrate(audit::kComponent, audit::kMigrations));
  out->signer = std::make_unique<VaultSigner>(*out->vault);
  out->trail = TF_TRY(audit::Trail::open(*out->database, "onboard", *out->signer, clock));
  out->sampler = std::make_unique<audit::RefusalSampler>(clock);
  out->refusals = std::make_unique<audit::Refusals>(*out->database, *out->trail, clock, *out->sampler);
  return out;
}

Status append_act(OnboardOpened& opened, store::Session& session, Act act) {
  return opened.trail->append(session, {.at_ms = opened.clock->now_ms(), .actor = std::move(act.actor), .action = std::move(act.action), .subject = std::move(act.subject),
                                        .outcome = audit::Outcome::accepted, .reason = "", .detail = std::move(act.detail)});
}

Status onboard_act(OnboardOpened& opened, Act act, store::WriteFn writes) {
  return opened.database->write([&](store::Session& session) -> Status {
    TF_CHECK(writes(session));
    return append_act(opened, session, act);
  });
}

}  // namespace tf::platform
