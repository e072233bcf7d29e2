#include "platform/authority.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "base/durations.hpp"
#include "base/file.hpp"
#include "pki/crl/crl.hpp"
#include "pki/issue.hpp"
#include "pki/key_file.hpp"
#include "platform/ca/foundation.hpp"
#include "platform/data_directory.hpp"
#include "platform/admin/operators.hpp"
#include "platform/tls_certificate.hpp"
#include "wire/encoding.hpp"

namespace tf::platform {
namespace {

constexpr int kFirstCrlDays = 90;

const Operator kFirstOperators[] = {{"administrator", Role::administrator}, {"custodian-1", Role::custodian},
                                    {"custodian-2", Role::custodian}, {"operator", Role::operator_}, {"auditor", Role::auditor}};

struct Foundation {
  const InitOptions& options;
  Paths paths;  // of the directory being made
  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<vault::SoftwareVault> vault;
  std::optional<pki::Issuer> root;
  std::vector<OwnCertificate> certificates;
  std::optional<pki::Crl> crl;
  std::vector<std::pair<Operator, pki::Certificate>> operators;

  [[nodiscard]] pki::Term term(int days) const { return {clock.now_ms(), days}; }
};

Status make_root(Foundation& made) {
  crypto::PrivateKey key = crypto::PrivateKey::generate_rsa(3072);
  const auto certificate = TF_TRY(pki::make_root("Trustferry root", key, made.term(pki::kRootDays), made.random));
  TF_CHECK(write_file_atomic(made.paths.root(), as_bytes(certificate.to_pem()), 0644));
  made.certificates.push_back({std::string(kind::root), "", certificate});
  made.root = pki::Issuer{certificate, std::move(key)};
  return {};
}

Status issue_authorities(Foundation& made) {
  const auto estate_key = TF_TRY(made.vault->generate(key_name::estate_ca, crypto::KeyKind::p256, 0, vault::Purpose::certificate));
  made.certificates.push_back({std::string(kind::estate_ca), std::string(key_name::estate_ca),
                               TF_TRY(pki::issue_estate_ca(*made.root, "Trustferry estate CA", estate_key, made.term(pki::kEstateCaDays), made.random))});
  const auto operations_key = TF_TRY(made.vault->generate(key_name::operations_ca, crypto::KeyKind::p256, 0, vault::Purpose::certificate));
  const auto operations = TF_TRY(pki::issue_operations_ca(*made.root, "Trustferry operations CA", operations_key,
                                                          made.term(pki::kOperationsCaDays), made.random));
  made.certificates.push_back({std::string(kind::operations_ca), std::string(key_name::operations_ca), operations});
  const pki::Issuer issuer{operations, TF_TRY(made.vault->signing_handle(key_name::operations_ca))};

  const auto tls_key = TF_TRY(made.vault->generate(key_name::tls, crypto::KeyKind::p256, 0, vault::Purpose::tls));
  made.certificates.push_back({std::string(kind::tls), std::string(key_name::tls),
                               TF_TRY(issue_tls_certificate(issuer, made.options.config.names, tls_key, made.clock.now_ms(), made.random))});

  std::filesystem::create_directories(made.paths.operators());
  for (const Operator& who : kFirstOperators) {
    const crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
    const auto certificate = TF_TRY(pki::issue_operator_certificate(issuer, who.name, key.public_key(), made.term(pki::kTlsDays), made.random));
    const std::string file = made.paths.operators() + "/" + who.name;
    TF_CHECK(write_file_atomic(file + ".crt", as_bytes(pki::to_pem({certificate, operations})), 0644));
    TF_CHECK(write_private_file(file + ".key", pki::to_pem(key).reveal()));
    made.operators.emplace_back(who, certificate);
  }
  return {};
}

Status issue_work(Foundation& made) {
  struct Wanted {
    std::string_view kind;
    crypto::KeyKind key;
    vault::Purpose purpose;
  };
  for (const Wanted& wanted : {Wanted{kind::work_classic, crypto::KeyKind::rsa, vault::Purpose::decrypt},
                               Wanted{kind::work_modern, crypto::KeyKind::p256, vault::Purpose::sign}}) {
    const std::string name = fmt::format("rki.{}.1", wanted.kind);
    const auto key = TF_TRY(made.vault->generate(name, wanted.key, 2048, wanted.purpose));
    made.certificates.push_back({std::string(wanted.kind), name,
                                 TF_TRY(pki::issue_work_certificate(*made.root, name, key, made.options.ranges, made.term(pki::kWorkDays), made.random))});
  }
  const std::int64_t now = made.clock.now_ms();
  made.crl = TF_TRY(pki::issue_crl(*made.root, 1, {}, now, now + kFirstCrlDays * kDayMs));
  return {};
}

Status write_database(Foundation& made) {
  const auto audit_key = TF_TRY(made.vault->generate(key_name::audit, crypto::KeyKind::p256, 0, vault::Purpose::sign));
  TF_CHECK(write_file_atomic(made.paths.audit_key(), audit_key.spki(), 0644));
  const auto database = TF_TRY(store::open_sqlite({.path = made.paths.database()}));
  TF_CHECK(migrate(*database));
  VaultSigner signer(*made.vault);
  const auto trail = TF_TRY(audit::Trail::open(*database, "main", signer, made.clock));
  TF_CHECK(database->write([&](store::Session& session) -> Status {
    for (const OwnCertificate& own : made.certificates) TF_CHECK(insert_certificate(session, own.kind, own.key_name, own.certificate));
    TF_CHECK(insert_crl(session, *made.crl));
    for (const auto& [who, certificate] : made.operators) TF_CHECK(insert_operator(session, who, certificate.der()));
    return trail->append(session, {.at_ms = made.clock.now_ms(), .actor = "system", .action = "platform.init", .subject = "main",
                                   .outcome = audit::Outcome::accepted, .reason = "", .detail = "{}"});
  }));
  return trail->close();
}

std::string without_last_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

Status check_free(const InitOptions& options) {
  namespace fs = std::filesystem;
  if (options.ranges.empty()) return Error{Code::invalid, "pki.dsn_ranges", "say which serials the platform serves"};
  if (fs::exists(options.directory)) return Error{Code::conflict, "platform.exists", options.directory + " is there already; nothing was changed"};
  if (fs::exists(options.root_key_file))
    return Error{Code::conflict, "platform.root_exists", options.root_key_file + " is there already; nothing was changed"};
  std::error_code error;
  const auto inside = fs::weakly_canonical(options.root_key_file, error).lexically_relative(fs::weakly_canonical(options.directory, error));
  if (!inside.empty() && *inside.begin() != "..")
    return Error{Code::invalid, "platform.root_key_inside", "the root's key does not belong into the platform's directory: it is to be taken offline"};
  return {};
}

// Everything, in its place but for the directory's name.
Status build(Foundation& made, const SecretBytes& passphrase, const SecretBytes& root_passphrase) {
  namespace fs = std::filesystem;
  const InitOptions& options = made.options;
  std::error_code error;
  fs::remove_all(made.paths.directory, error);  // what an interrupted init left
  if (!fs::create_directories(made.paths.directory, error))
    return Error{Code::unavailable, "platform.directory", "cannot make " + made.paths.directory + ": " + error.message()};
  fs::permissions(made.paths.directory, fs::perms::owner_all, error);
  made.vault = TF_TRY(vault::SoftwareVault::create(made.paths.vault(), passphrase, made.random, options.scrypt));
  TF_CHECK(make_root(made));
  const SecretBytes root_key = TF_TRY(pki::to_encrypted_pem(made.root->key, root_passphrase));
  TF_CHECK(issue_authorities(made));
  TF_CHECK(issue_work(made));
  for (OwnCertificate& own : TF_TRY(found_authorities(*made.root, *made.vault, made.clock.now_ms(), made.random))) made.certificates.push_back(std::move(own));
  TF_CHECK(install_profiles(made.paths.profiles()));
  TF_CHECK(write_database(made));
  TF_CHECK(write_file_atomic(made.paths.config(), as_bytes(default_config_text(options.config)), 0644));
  if (const auto parent = fs::path(options.root_key_file).parent_path(); !parent.empty()) fs::create_directories(parent, error);
  return write_private_file(options.root_key_file, root_key.reveal());
}

}  // namespace

Result<InitReport> initialise(const InitOptions& wanted, const SecretBytes& passphrase, const SecretBytes& root_passphrase) {
  namespace fs = std::filesystem;
  InitOptions options = wanted;
  options.directory = without_last_slash(options.directory);
  TF_CHECK(check_free(options));
  Foundation made{.options = options, .paths = {options.directory + ".new"}, .clock = {}, .random = {}, .vault = {}, .root = {}, .certificates = {}, .crl = {}, .operators = {}};
  Status done = build(made, passphrase, root_passphrase);
  made.vault.reset();
  std::error_code error;
  if (done) {
    fs::rename(made.paths.directory, options.directory, error);
    if (error) {
      done = Error{Code::unavailable, "platform.directory", "cannot make " + options.directory + ": " + error.message()};
      fs::remove(options.root_key_file, error);  // ours, and of no platform
    }
  }
  if (!done) {
    fs::remove_all(made.paths.directory, error);
    return done.error();
  }
  return InitReport{wire::hex_lower(made.root->certificate.fingerprint()), {std::begin(kFirstOperators), std::end(kFirstOperators)}};
}

Result<pki::Issuer> open_root(const std::string& certificate_file, const std::string& key_file, const SecretBytes& passphrase) {
  const Bytes pem = TF_TRY(read_file(certificate_file, 64 * 1024));
  auto certificate = TF_TRY(pki::Certificate::from_pem(as_text(pem)));
  const SecretBytes key_pem = TF_TRY(read_secret_file(key_file, 64 * 1024));
  pki::Issuer root{std::move(certificate), TF_TRY(pki::private_key_from_pem(key_pem, &passphrase))};
  TF_CHECK(pki::check_pair(root));
  return root;
}

}  // namespace tf::platform
