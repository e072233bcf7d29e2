// What a loader takes from a platform, and what it does not.
#include <filesystem>

#include "pki/issue.hpp"
#include "tests/factory/scene.hpp"

namespace tf::factory::test {
namespace {

class Package : public testing::Test {
 protected:
  // Refused, and nothing of it is kept: neither here nor on disk.
  void expect_refused(const std::string& package, Code code, const char* reason) {
    EXPECT_REFUSED(loader.receive(package), code, reason);
    EXPECT_TRUE(loader.batches().empty());
    EXPECT_TRUE(must(scene.reopen("loader-1")).batches().empty());
  }
  Scene scene;
  Loader loader = scene.make_loader("loader-1");
};

TEST_F(Package, is_taken_once) {
  const std::string package = scene.sign(scene.package_for(loader, "b1"));
  ASSERT_OK(loader.receive(package));
  EXPECT_REFUSED(loader.receive(package), Code::conflict, "factory.batch_known");
  EXPECT_REFUSED(loader.receive(scene.sign(scene.package_for(loader, "b1", "TF10000500..TF10000599"))), Code::conflict, "factory.batch_known");
  EXPECT_EQ(loader.batches().at("b1").range.text(), kBatchRange);
  EXPECT_REFUSED(must(scene.reopen("loader-1")).receive(package), Code::conflict, "factory.batch_known");
}

TEST_F(Package, for_another_loader_is_refused) {
  const Loader other = scene.make_loader("loader-2");
  expect_refused(scene.sign(scene.package_for(other, "b1")), Code::refused, "factory.other_loader");
  // Our issuing certificate, but the DIK1 of somebody else.
  BatchPackage mixed = scene.package_for(loader, "b1");
  mixed.dik1 = scene.package_for(other, "b1").dik1;
  expect_refused(scene.sign(mixed), Code::refused, "crypto.aead");
}

TEST_F(Package, that_was_altered_is_refused) {
  const std::string good = scene.sign(scene.package_for(loader, "b1"));
  const std::size_t payload = good.find('.') + 1;
  const std::size_t signature = good.rfind('.') + 1;
  for (const std::size_t at : {payload + 20, payload + 200, signature - 10, signature + 3}) {
    std::string bad = good;
    bad[at] = bad[at] == 'A' ? 'B' : 'A';
    expect_refused(bad, Code::refused, "crypto.jws");
  }
  expect_refused(good.substr(0, good.size() - 1), Code::malformed, "wire.not_base64");
  expect_refused("", Code::malformed, "crypto.jose_parts");
  ASSERT_OK(loader.receive(good));
}

TEST_F(Package, of_another_root_is_refused) {
  Scene foreign;
  BatchPackage package = foreign.package_for(loader, "b1");
  expect_refused(foreign.sign(package), Code::refused, "pki.untrusted");
  // Signed at home, with an issuing certificate from abroad.
  expect_refused(scene.sign(package), Code::refused, "pki.untrusted");
}

TEST_F(Package, signed_by_somebody_who_is_no_key_distribution_host_is_refused) {
  const std::string payload = payload_of(scene.package_for(loader, "b1"));
  const auto by_loader = must(crypto::jws_sign_es256(scene.pki.loader.key, kPackageType, payload, {scene.pki.loader.certificate.der()}));
  expect_refused(by_loader, Code::refused, "pki.untrusted");
  const auto by_root = must(crypto::jws_sign_es256(scene.pki.root.key, kPackageType, payload, {scene.pki.root.certificate.der()}));
  expect_refused(by_root, Code::refused, "pki.wrong_usage");
  const auto estate = must(crypto::jws_sign_es256(scene.pki.estate_ca.key, kPackageType, payload, {scene.pki.estate_ca.certificate.der()}));
  expect_refused(estate, Code::refused, "pki.wrong_usage");
}

TEST_F(Package, without_a_certificate_is_refused) {
  const std::string payload = payload_of(scene.package_for(loader, "b1"));
  expect_refused(must(crypto::jws_sign_es256(scene.work_key, kPackageType, payload)), Code::refused, "factory.package_unsigned");
  expect_refused(must(crypto::jws_sign_es256(scene.work_key, "rki-loader-log", payload, {scene.work.der()})), Code::malformed, "crypto.jose_header");
}

TEST_F(Package, beyond_the_work_certificates_range_is_refused) {
  for (const char* dsns : {"TF19999990..TF20000010", "TF00000001..TF10000010", "ZZ10000000..ZZ10000010"})
    expect_refused(scene.sign(scene.package_for(loader, "b1", dsns)), Code::refused, "pki.dsn_out_of_range");
}

TEST_F(Package, whose_issuing_certificate_is_for_other_serials_is_refused) {
  BatchPackage package = scene.package_for(loader, "b1", "TF10000001..TF10000050");
  package.range = range("TF10000001..TF10000099");
  expect_refused(scene.sign(package), Code::refused, "pki.dsn_out_of_range");
  package.range = range("TF10000000..TF10000050");
  expect_refused(scene.sign(package), Code::refused, "pki.dsn_out_of_range");
}

TEST_F(Package, signed_under_an_expired_work_certificate_is_refused) {
  const std::string package = scene.sign(scene.package_for(loader, "b1"));
  scene.clock.advance_days(pki::kWorkDays + 1);
  expect_refused(package, Code::refused, "pki.expired");
}

TEST_F(Package, without_an_issuing_certificate_is_refused) {
  BatchPackage package = scene.package_for(loader, "b1");
  package.issuing_chain.clear();
  expect_refused(scene.sign(package), Code::refused, "factory.package_chain");
}

TEST_F(Package, with_a_dik1_of_another_size_is_refused) {
  BatchPackage package = scene.package_for(loader, "b1");
  std::swap(package.dik1[rki::Suite::classic], package.dik1[rki::Suite::modern]);
  expect_refused(scene.sign(package), Code::refused, "factory.dik1_size");
}

TEST_F(Package, with_members_nobody_knows_is_refused) {
  std::string payload = payload_of(scene.package_for(loader, "b1"));
  payload.insert(1, R"("valid":true,)");
  expect_refused(must(crypto::jws_sign_es256(scene.work_key, kPackageType, payload, {scene.work.der()})), Code::malformed, "wire.json_member");
}

TEST_F(Package, that_could_not_be_stored_can_be_received_again) {
  const std::string package = scene.sign(scene.package_for(loader, "b1"));
  const std::string directory = scene.directory.file("loader-1");
  std::filesystem::rename(directory, directory + ".away");
  EXPECT_REFUSED(loader.receive(package), Code::unavailable, "base.file_write");
  EXPECT_TRUE(loader.batches().empty()) << "what is not on disk must not be used";
  std::filesystem::rename(directory + ".away", directory);
  EXPECT_OK(loader.receive(package));
}

TEST(LoaderRequest, is_read_as_it_is_written) {
  Scene scene;
  const auto request = must(scene.make_loader("l").request());
  const auto read = must(decode_loader_request(encode(request)));
  EXPECT_EQ(read.name, request.name);
  EXPECT_EQ(read.wrap_key, request.wrap_key);
  EXPECT_EQ(read.certificate_request, request.certificate_request);
  EXPECT_EQ(read.log_key, request.log_key);
  std::string extra = encode(request);
  extra.insert(1, R"("x":1,)");
  EXPECT_FALSE(decode_loader_request(extra));
  EXPECT_FALSE(decode_loader_request("{}"));
}

}  // namespace
}  // namespace tf::factory::test
