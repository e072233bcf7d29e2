#include "platform/rki/batches.hpp"

#include <filesystem>

#include "base/file.hpp"
#include "crypto/digest.hpp"
#include "pki/request/certificate_request.hpp"
#include "platform/rki/work_certificates.hpp"
#include "tests/platform/scene.hpp"

namespace tf::platform::test {
namespace {

class Batches : public testing::Test {
 protected:
  factory::Loader make_loader(const std::string& name) {
    std::filesystem::create_directories(scene.copy.file(name));
    const auto root = must(scene.opened->certificates->current(kind::root)).certificate;
    return must(factory::Loader::create(scene.copy.file(name), name, root, Secret<32>(), {scene.clock, random}));
  }
  Result<std::string> issue(const std::string& id, std::string_view dsns, const factory::Loader& loader, std::string_view suites = "modern+classic") {
    return issue_batch(*scene.context, "operator:a", id, range(dsns), must(rki::SuitePolicy::parse(suites)),
                       factory::encode(must(loader.request())));
  }
  std::string log_of(const std::string& loader) { return std::string(as_text(must(read_file(scene.copy.file(loader) + "/loader.log", 1 << 20)))); }
  void personalise(factory::Loader& loader, const wire::Dsn& dsn) {
    const auto request = must(pki::CertificateRequest::make(dsn.text(), crypto::PrivateKey::generate_p256()));
    const auto given = must(loader.personalise({dsn, request.der()}, factory::FactorKind::random));
    must(loader.confirm(dsn, crypto::sha256(given.chain.front())));
  }
  bool is_personalised(const wire::Dsn& dsn) { return must(show_terminal(*scene.context, dsn)).personalised; }

  SystemRandom random;
  Scene scene;
};

TEST_F(Batches, are_issued_to_the_one_loader_that_can_open_the_package) {
  factory::Loader mine = make_loader("mine");
  factory::Loader other = make_loader("other");
  const std::string package = must(issue("b2", "TF10000100..TF10000199", mine));
  EXPECT_REFUSED(other.receive(package), Code::refused, "factory.other_loader");
  EXPECT_TRUE(other.batches().empty());
  ASSERT_OK(mine.receive(package));
  const auto& batch = mine.batches().at("b2");
  EXPECT_EQ(batch.range.text(), "TF10000100..TF10000199");
  EXPECT_EQ(batch.classic_dik1.size(), 24U);
  EXPECT_EQ(batch.modern_dik1.size(), 32U);
  const auto records = must(list_batches(*scene.context));
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[0].id, "b2");
  EXPECT_EQ(records[0].loader, "mine");
  EXPECT_EQ(records[0].issued_at_ms, scene.clock.now_ms());
  const auto entries = scene.audited();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].action, "batches.issue");
  EXPECT_EQ(entries[0].subject, "b2");
}

TEST_F(Batches, have_a_dik1_of_their_own) {
  factory::Loader loader = make_loader("mine");
  ASSERT_OK(loader.receive(must(issue("b2", "TF10000100..TF10000199", loader))));
  ASSERT_OK(loader.receive(must(issue("b3", "TF10000200..TF10000299", loader, "modern"))));
  EXPECT_NE(loader.batches().at("b2").modern_dik1, loader.batches().at("b3").modern_dik1);
  EXPECT_TRUE(loader.batches().at("b3").classic_dik1.empty());
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM rki_dik1 WHERE batch = 'b3'"), 1);
}

TEST_F(Batches, do_not_touch_each_other) {
  const factory::Loader loader = make_loader("mine");
  for (const char* dsns : {"TF10000001..TF10000099", "TF10000050..TF10000060", "TF10000099..TF10000199", "TF10000000..TF10000001",
                           "TF10000000..TF19999999", "TF10000042..TF10000042"})
    EXPECT_REFUSED(issue("b2", dsns, loader), Code::conflict, "batches.overlap");
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM rki_batches"), 1);
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM rki_dik1"), 2);
  EXPECT_TRUE(scene.audited().empty());
  EXPECT_OK(issue("b2", "TF10000100..TF10000100", loader));
  EXPECT_OK(issue("b3", "TF10000000..TF10000000", loader));
}

TEST_F(Batches, are_issued_once_under_a_name) {
  const factory::Loader loader = make_loader("mine");
  EXPECT_REFUSED(issue(std::string(kBatch), "TF10000100..TF10000199", loader), Code::conflict, "store.conflict");
}

TEST_F(Batches, stay_inside_what_the_work_certificate_serves) {
  const factory::Loader loader = make_loader("mine");
  EXPECT_REFUSED(issue("b2", "ZZ10000000..ZZ10000099", loader), Code::refused, "rki.no_work_certificate");
  EXPECT_REFUSED(issue("b2", "TF19999990..TF20000010", loader), Code::refused, "batches.range");
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM rki_batches"), 1);
}

// A loader refuses what its signer does not serve, so the batch would be lost.
TEST_F(Batches, are_not_pieced_together_from_two_work_certificates) {
  const auto wanted = must(request_work_certificates(*scene.context, "operator:a", {range("TF20000000..TF29999999")}));
  ASSERT_OK(install_work_certificates(*scene.context, "operator:a", must(sign_work_request(scene.root(), wanted, {}, scene.clock.now_ms(), random))));
  factory::Loader loader = make_loader("mine");
  for (const char* suites : {"modern", "classic", "modern+classic"})
    EXPECT_REFUSED(issue("b2", "TF19999990..TF20000010", loader, suites), Code::refused, "batches.range");
  EXPECT_OK(loader.receive(must(issue("b2", "TF19999990..TF19999999", loader))));
  EXPECT_OK(loader.receive(must(issue("b3", "TF20000000..TF20000010", loader))));
}

TEST_F(Batches, want_a_loader_request_that_is_one) {
  const auto policy = must(rki::SuitePolicy::parse("modern"));
  const auto request = must(make_loader("mine").request());
  const auto refused = [&](factory::LoaderRequest changed) {
    return !issue_batch(*scene.context, "operator:a", "b2", range("TF10000100..TF10000199"), policy, factory::encode(changed));
  };
  EXPECT_FALSE(issue_batch(*scene.context, "operator:a", "b2", range("TF10000100..TF10000199"), policy, "{}"));
  auto changed = request;
  changed.wrap_key.clear();
  EXPECT_TRUE(refused(changed));
  changed = request;
  changed.log_key.back() ^= 1;
  EXPECT_TRUE(refused(changed));
  changed = request;
  changed.certificate_request.back() ^= 1;
  EXPECT_TRUE(refused(changed)) << "the issuing key must prove itself";
  EXPECT_EQ(scene.count("SELECT COUNT(*) FROM rki_batches"), 1);
  EXPECT_FALSE(refused(request));
}

TEST_F(Batches, are_not_issued_when_the_database_fails) {
  const factory::Loader loader = make_loader("mine");
  scene.database->next_write = FaultyDatabase::Fault::lost;
  EXPECT_REFUSED(issue("b2", "TF10000100..TF10000199", loader), Code::unavailable, "store.io");
  EXPECT_OK(issue("b2", "TF10000100..TF10000199", loader));
}

TEST_F(Batches, take_their_loaders_log) {
  must(import_estate(*scene.context, "system", must(parse_estate_csv("serial,model,group,suites\nTF10000100,M,g,modern\nTF10000101,M,g,modern\n"))));
  factory::Loader loader = make_loader("mine");
  ASSERT_OK(loader.receive(must(issue("b2", "TF10000100..TF10000199", loader))));
  ASSERT_OK(loader.receive(must(issue("b3", "TF10000200..TF10000299", loader))));
  personalise(loader, dsn("TF10000100"));
  personalise(loader, dsn("TF10000199"));  // not in the estate
  personalise(loader, dsn("TF10000200"));  // of the other batch
  EXPECT_FALSE(is_personalised(dsn("TF10000100")));
  const LogImport imported = must(import_loader_log(*scene.context, "operator:o", "b2", log_of("mine")));
  EXPECT_EQ(imported.personalised, 1);
  EXPECT_EQ(imported.unknown, 1);
  EXPECT_TRUE(is_personalised(dsn("TF10000100")));
  EXPECT_FALSE(is_personalised(dsn("TF10000101")));
  EXPECT_EQ(must(import_loader_log(*scene.context, "operator:o", "b2", log_of("mine"))).personalised, 1) << "again changes nothing";
}

TEST_F(Batches, take_no_log_of_another_loader_and_none_that_was_altered) {
  factory::Loader loader = make_loader("mine");
  ASSERT_OK(loader.receive(must(issue("b2", "TF10000100..TF10000199", loader))));
  personalise(loader, dsn("TF10000100"));
  std::string log = log_of("mine");
  EXPECT_REFUSED(import_loader_log(*scene.context, "operator:o", std::string(kBatch), log), Code::integrity, "factory.log");
  EXPECT_REFUSED(import_loader_log(*scene.context, "operator:o", "b9", log), Code::not_found, "batches.unknown");
  log[log.size() / 2] ^= 1;
  EXPECT_REFUSED(import_loader_log(*scene.context, "operator:o", "b2", log), Code::integrity, "factory.log");
}

TEST_F(Batches, let_a_loader_speak_for_the_serials_of_its_batch_only) {
  factory::Loader loader = make_loader("mine");
  ASSERT_OK(loader.receive(must(issue("b2", "TF10000100..TF10000199", loader))));
  // A loader that lies: it signs a line about a serial of another batch under the name of its own.
  personalise(loader, dsn("TF10000100"));
  const auto key = crypto::PrivateKey::generate_p256();
  must(scene.opened->database->write([&](store::Session& session) -> Status {
    TF_TRY(session.execute("UPDATE rki_batches SET log_key = $1 WHERE id = 'b2'", {ByteView(key.public_key().spki())}));
    return {};
  }));
  auto log = must(factory::LoaderLog::open(scene.copy.file("lying.log"), key.public_key()));
  ASSERT_OK(log.append(key, 1, "b2", kBoth, std::string(64, '0')));
  const std::string text(as_text(must(read_file(scene.copy.file("lying.log"), 1 << 20))));
  EXPECT_REFUSED(import_loader_log(*scene.context, "operator:o", "b2", text), Code::refused, "batches.foreign_serial");
  EXPECT_FALSE(is_personalised(kBoth));
}

}  // namespace
}  // namespace tf::platform::test
