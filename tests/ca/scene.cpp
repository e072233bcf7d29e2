#include "tests/ca/scene.hpp"

#include <algorithm>

namespace tf::ca::test {
namespace {

constexpr std::uint32_t kShards = 4;
constexpr store::Migration kTables[] = {{1, "pki", kSchema}};
const SecretBytes& passphrase() {
  static const SecretBytes text(as_bytes("opens the vault of a test"));
  return text;
}

Authority authority(Scene& scene, const std::string& name, const std::vector<pki::Usage>& usages, crypto::KeyKind kind) {
  const auto key = must(scene.vault->generate("pki." + name, kind, 2048, vault::Purpose::certificate));
  auto certificate = must(pki::issue_authority(*scene.root, name + " CA", usages, key, {scene.clock.now_ms(), pki::kAuthorityDays}, scene.random));
  return {name, std::move(certificate), "pki." + name, {"http://ca.test/crl/" + name + "/{shard}.crl", kShards, "http://ca.test/ocsp"}};
}

}  // namespace

Scene::Scene(crypto::KeyKind kind) {
  vault = must(vault::SoftwareVault::create(directory.file("vault.json"), passphrase(), random, {.n = 16, .r = 8, .p = 1}));
  const auto root_key = crypto::PrivateKey::generate_p256();
  root = pki::Issuer{must(pki::make_root("root", root_key, {clock.now_ms(), pki::kRootDays}, random)), root_key};
  options.authorities = {authority(*this, "users", {}, kind), authority(*this, "devices", {pki::Usage::tls_client}, kind),
                         authority(*this, "servers", {pki::Usage::tls_server}, kind)};
  options.profiles = must(load_profiles(std::string(TRUSTFERRY_SOURCE_DIR) + "/packaging/profiles"));
  std::erase_if(options.profiles, [this](const auto& one) { return std::ranges::find(options.authorities, one.second.authority, &Authority::name) == options.authorities.end(); });
  open();
}

Scene::~Scene() { close(); }

void Scene::close() {
  ca.reset();
  if (trail) must(trail->close());
  trail.reset();
  lossy.reset();
  database.reset();
}

void Scene::open() {
  ca.reset();
  ca = must(try_open(), "opening the authority");
}

Result<std::unique_ptr<CertificateAuthority>> Scene::try_open() {
  close();
  database = must(store::open_sqlite({.path = directory.file("ca.db")}));
  must(database->migrate(audit::kComponent, audit::kMigrations));
  must(database->migrate("pki", kTables));
  lossy = std::make_unique<LossyDatabase>(*database);
  trail = must(audit::Trail::open(*database, "main", trail_signer, clock));
  return CertificateAuthority::open({clock, random, *lossy, *trail, *vault}, options);
}

IssueRequest Scene::request(const std::string& profile, const std::string& holder) const {
  IssueRequest out{.profile = profile, .holder = holder, .names = {}, .key = key.public_key(), .actor = "wallet"};
  if (profile == "device") {
    out.names.subject = {{"serialNumber", "TF000001"}};
  } else {
    out.names.subject = {{"commonName", "registration 17"}, {"serialNumber", "17"}};
  }
  if (profile == "server") out.names = {{{"commonName", "www.example.org"}}, {{pki::NameKind::dns, "www.example.org"}, {pki::NameKind::ip, "192.0.2.1"}}};
  if (profile == "smart-card-logon") out.names.alternative = {{pki::NameKind::user_principal, "anna@example.org"}};
  return out;
}

std::int64_t Scene::count(const std::string& sql) const {
  std::int64_t out = -1;
  must(database->read([&](store::Session& session) {
    return session.query(sql, {}, [&](const store::Row& row) -> Status {
      out = row.integer(0);
      return {};
    });
  }));
  return out;
}

pki::CrlShard Scene::list_of(const Issued& issued, bool fresh) {
  const Record record = must(ca->show(issued.serial_hex));
  const Authority authority = must(ca->authority(record.authority));
  if (fresh) must(ca->lists().refresh(authority));
  return must(pki::CrlShard::from_der(must(ca->lists().find(record.authority, record.shard))->der));
}

std::vector<std::string> Scene::audited(const std::string& action) const {
  std::vector<std::string> out;
  must(database->read([&](store::Session& session) {
    return session.query("SELECT reason FROM audit_entries WHERE action = $1 ORDER BY seq", {std::string_view(action)}, [&](const store::Row& row) -> Status {
      out.push_back(row.text(0));
      return {};
    });
  }));
  return out;
}

}  // namespace tf::ca::test
