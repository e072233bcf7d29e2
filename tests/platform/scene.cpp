#include "tests/platform/scene.hpp"

#include <future>

#include <filesystem>
#include <fstream>

#include "base/file.hpp"
#include "base/log.hpp"
#include "crypto/banking/key_block.hpp"
#include "pki/key_file.hpp"
#include "pki/request/certificate_request.hpp"
#include "platform/access/keys.hpp"
#include "platform/ca/office.hpp"
#include "platform/rki/batches.hpp"
#include "platform/rki/store.hpp"
#include "platform/wallet/keys.hpp"

namespace tf::platform::test {

Template::Template() {
  report = must(initialise(init_options(platform(), root_key()), passphrase(), root_passphrase()), "initialise");
  const auto opened = must(open_directory(platform(), passphrase()), "open the platform");
  Context& context = *opened->context;
  must(import_estate(context, "system", must(parse_estate_csv("serial,model,group,suites\n"
                                                              "TF10000001,M1,default,modern+classic\n"
                                                              "TF10000002,M1,default,modern\n"
                                                              "TF10000003,M1,default,classic\n"
                                                              "TF10000004,M1,parted,modern+classic\n"))), "import the estate");
  const Secret<32> storage_key;
  const auto root = must(pki::Certificate::from_pem(as_text(must(read_file(opened->paths.root(), 64 * 1024)))));
  std::filesystem::create_directories(directory.file("loader"));
  loader = std::make_unique<factory::Loader>(must(factory::Loader::create(directory.file("loader"), "loader-1", root, storage_key,
                                                                          {clock_, random_})));
  const auto policy = must(rki::SuitePolicy::parse("modern+classic"));
  const std::string package = must(issue_batch(context, "system", std::string(kBatch), range(kBatchRange), policy,
                                               factory::encode(must(loader->request()))), "issue a batch");
  must(loader->receive(package), "receive the package");
  must(ensure_access_keys(*opened->vault));
  const auto authority = must(open_authority(context, opened->paths.profiles()));
  must(WalletKeys::open(context, *authority, "trustferry"));
  authority->drain();
  must(opened->trail->close());
}

Template& shared_template() {
  log::set_level(log::Level::error);
  static Template made;
  return made;
}

Status FaultyDatabase::read(store::FunctionRef<Status(store::Session&)> fn) {
  if (fail_reads) return Error{Code::unavailable, "store.io", "the disk does not answer"};
  return inner_.read(fn);
}

Status FaultyDatabase::write(store::FunctionRef<Status(store::Session&)> fn) {
  if (interrupt) std::exchange(interrupt, nullptr)();
  const Fault fault = next_write.exchange(Fault::none);
  if (fault != Fault::lost) TF_CHECK(inner_.write(fn));
  if (fault == Fault::none) return {};
  return Error{Code::unavailable, "store.io", "the disk does not answer"};
}

void FaultyDatabase::write_async(store::WriteFn fn, store::DoneFn done) {
  if (interrupt) std::exchange(interrupt, nullptr)();
  const Fault fault = next_write.exchange(Fault::none);
  const Error lost{Code::unavailable, "store.io", "the disk does not answer"};
  if (fail_reads) fn = [lost](store::Session&) -> Status { return lost; };  // it would begin by reading
  if (fault == Fault::none) return inner_.write_async(std::move(fn), std::move(done));
  if (fault == Fault::lost) return done(lost);
  inner_.write_async(std::move(fn), [done = std::move(done), lost](const Status&) mutable { done(lost); });
}

Scene::Scene() : directory(copy.file("platform")) {
  std::filesystem::copy(shared_template().platform(), directory, std::filesystem::copy_options::recursive);
  opened = must(open_directory(directory, passphrase()), "open the platform");
  config.groups.emplace(kPartedGroup, must(rki::KeySetPlan::make({"tmk", "pin", "mac", "data"}, 2)));
  database = std::make_unique<FaultyDatabase>(*opened->database);
  context = std::make_unique<Context>(Context{clock, opened->random, *database, *opened->vault, *opened->trail, opened->metrics,
                                              config, *opened->certificates});
  mark();
}

pki::Issuer Scene::root() const { return must(open_root(opened->paths.root(), shared_template().root_key(), root_passphrase())); }

Bytes Scene::certificate_of(std::string_view name) const {
  const Bytes pem = must(read_file(directory + "/operators/" + std::string(name) + ".crt", 64 * 1024));
  return must(pki::certificates_from_pem(as_text(pem))).front().der();
}

void Scene::mark() {
  mark_ = count("SELECT COALESCE(MAX(seq), 0) FROM audit_entries");
}

std::vector<AuditLine> Scene::audited() const {
  // A write of our own comes after everything that is queued.
  must(opened->database->write([](store::Session&) -> Status { return {}; }));
  std::vector<AuditLine> out;
  must(opened->database->read([&](store::Session& session) {
    return session.query("SELECT actor, action, subject, outcome, reason, detail FROM audit_entries WHERE seq > $1 ORDER BY seq", {mark_},
                         [&](const store::Row& row) -> Status {
                           out.push_back({row.text(0), row.text(1), row.text(2), row.text(3), row.text(4), row.text(5)});
                           return {};
                         });
  }));
  return out;
}

std::vector<std::string> Scene::audited_actions() const {
  std::vector<std::string> out;
  for (const AuditLine& line : audited()) out.push_back(line.action + " " + line.outcome + (line.reason.empty() ? "" : " " + line.reason));
  return out;
}

std::vector<rki::KeyRecord> Scene::keys_of(const wire::Dsn& dsn) const {
  std::vector<rki::KeyRecord> out;
  must(opened->database->read([&](store::Session& session) -> Status {
    out = TF_TRY(load_keys(session, dsn));
    return {};
  }));
  return out;
}

std::int64_t Scene::count(const std::string& sql) const {
  std::int64_t out = -1;
  must(opened->database->read([&](store::Session& session) {
    return session.query(sql, {}, [&](const store::Row& row) -> Status {
      out = row.integer(0);
      return {};
    });
  }));
  return out;
}

void Scene::script(std::string_view sql) {
  must(opened->database->write([&](store::Session& session) { return session.script(sql); }));
}

RkiScene::RkiScene(audit::SamplerOptions sampling) : refusals(clock, sampling) {
  settings.plan_for_group = [this](const std::string& group) { return config.plan_for(group); };
  restart();
}

void RkiScene::restart() {
  service = std::make_unique<RkiService>(*database, *opened->trail, refusals,
                                         rki::PlatformPorts{clock, random, *opened->vault, *opened->certificates}, opened->metrics, settings);
}

Result<std::string> RkiScene::handle(std::string_view route, const std::string& body) {
  wire::HttpRequest request;
  request.method = "POST";
  request.path = "/rki/v1/" + std::string(route);
  request.content_type = "application/json";
  request.body = body;
  std::promise<Result<std::string>> given;
  service->handle(std::string(route), request, [&given](Result<std::string> reply) { given.set_value(std::move(reply)); });
  return given.get_future().get();
}

TerminalUnderTest RkiScene::device(const wire::Dsn& dsn, std::vector<rki::Suite> suites) {
  return TerminalUnderTest(personalised(dsn, std::move(suites)), clock, random);
}

TerminalUnderTest RkiScene::second_device(const wire::Dsn& dsn) {
  return TerminalUnderTest(personalised(dsn, {rki::Suite::modern}, crypto::PrivateKey::generate_p256()), clock, random);
}

SecretBytes RkiScene::stored_key(const rki::KeyRecord& key, const wire::Dsn& dsn) const {
  const auto spec = rki::spec_of(key.suite, key.slot);
  const auto row = rki::row_of(dsn, key.slot, key.set);
  const SecretBytes kbpk(as_bytes(std::string_view("a key that only this test uses..").substr(0, spec.size)));
  const auto block = must(opened->vault->export_block(vault::WrappedRef{key.wrapped, spec, row}, kbpk,
                                                      must(rki::header_of(key.suite, key.slot, key.set))));
  return std::move(must(crypto::unwrap_key_block(kbpk.reveal(), block)).key);
}

std::string RkiScene::disagreement(const TerminalUnderTest& device) const {
  std::size_t active = 0;
  for (const rki::KeyRecord& key : keys_of(device.identity.dsn)) {
    if (key.status != rki::KeyStatus::active) continue;
    ++active;
    const auto held = device.in_use.find(key.slot);
    if (held == device.in_use.end()) return "the device lacks " + std::string(name_of(key.slot));
    if (held->second.key != stored_key(key, device.identity.dsn)) return "different keys for " + std::string(name_of(key.slot));
  }
  return active == device.in_use.size() ? "" : "the device holds keys that are not active";
}

crypto::PrivateKey device_key_of(const wire::Dsn& dsn) {
  static std::map<std::string, crypto::PrivateKey> keys;
  const auto known = keys.find(dsn.text());
  return known != keys.end() ? known->second : keys.emplace(dsn.text(), crypto::PrivateKey::generate_p256()).first->second;
}

rki::Identity personalised(const wire::Dsn& dsn, std::vector<rki::Suite> suites) {
  return personalised(dsn, std::move(suites), device_key_of(dsn));
}

rki::Identity personalised(const wire::Dsn& dsn, std::vector<rki::Suite> suites, crypto::PrivateKey key) {
  const auto request = must(pki::CertificateRequest::make(dsn.text(), key));
  auto given = must(shared_template().loader->personalise({dsn, request.der()}, factory::FactorKind::random), "personalise");
  rki::Identity out{.dsn = dsn, .suites = suites, .factor = std::move(given.secrets.factor), .classic_dik2 = {}, .modern_dik2 = std::nullopt,
                    .device_key = std::nullopt, .device_chain = {}, .root = must(pki::Certificate::from_der(given.root))};
  for (const rki::Suite suite : suites) {
    if (suite == rki::Suite::classic) {
      out.classic_dik2 = given.secrets.classic_dik2.clone();
    } else {
      out.modern_dik2 = Secret<32>(given.secrets.modern_dik2.reveal().first<32>());
      out.device_key = key;
      for (const Bytes& der : given.chain) out.device_chain.push_back(must(pki::Certificate::from_der(der)));
    }
  }
  return out;
}

}  // namespace tf::platform::test
