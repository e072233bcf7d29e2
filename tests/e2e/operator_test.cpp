// Operators come and go while the platform serves.
#include <gmock/gmock.h>

#include "tests/e2e/scene.hpp"

namespace tf::test {
namespace {

TEST(Operators, that_are_enrolled_may_call_at_once_and_that_are_revoked_may_not) {
  Scene& scene = Scene::get();
  scene.serve();
  const std::string anna = scene.in("anna");
  scene.ask({"operator", "enrol", "anna", "--role", "auditor", "--out", anna});
  const auto as_anna = [&](const std::string& method, const std::string& path) {
    return curl({.url = scene.admin_url() + path, .method = method, .root = scene.platform() + "/root.crt", .certificate = anna + ".crt", .key = anna + ".key"}, "{}").status;
  };
  EXPECT_EQ(as_anna("GET", "/admin/v1/status"), 200);
  EXPECT_EQ(as_anna("POST", "/admin/v1/operators/anna/revoke"), 403) << "an auditor only looks";
  EXPECT_EQ(trustferry({"status", "--url", scene.admin_url(), "--certificate", anna + ".crt", "--key", anna + ".key", "--root", scene.platform() + "/root.crt"}).exit_code, 0);
  scene.ask({"operator", "revoke", "anna"});
  EXPECT_EQ(as_anna("GET", "/admin/v1/status"), 403);
  EXPECT_EQ(scene.on_platform({"operator", "revoke", "anna"}).exit_code, 4) << "revoked already";
  EXPECT_EQ(scene.on_platform({"operator", "enrol", "anna", "--role", "auditor", "--out", scene.in("anna2")}).exit_code, 8) << "a name is never given twice";
  for (const char* action : {"operators.enrol", "operators.revoke"})
    EXPECT_EQ(sql_number(scene.database(), "SELECT COUNT(*) FROM audit_entries WHERE subject = 'anna' AND outcome = 'accepted' AND action = '" + std::string(action) + "'"), 1);
}

TEST(Operators, with_a_certificate_of_another_authority_do_not_get_past_tls_or_are_denied) {
  Scene& scene = Scene::get();
  scene.serve();
  const std::string file = scene.in("stranger");
  ASSERT_EQ(run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", file + ".key", "-out", file + ".crt",
                 "-days", "1", "-subj", "/CN=administrator"}).exit_code, 0);
  const CurlAnswer answer = curl({.url = scene.admin_url() + "/admin/v1/status", .method = "GET", .root = scene.platform() + "/root.crt", .certificate = file + ".crt", .key = file + ".key"});
  EXPECT_NE(answer.status, 200);
  EXPECT_TRUE(scene.ready());
}

// A device's certificate comes from the same root, yet opens no admin door.
TEST(Operators, terminals_are_none) {
  Scene& scene = Scene::get();
  scene.serve();
  const Fleet fleet = scene.fleet(1, 0);
  const auto device = fleet.device(fleet.modern[0]);
  const std::string file = scene.in("device");
  std::string chain;
  for (const auto& certificate : device.identity.device_chain) chain += certificate.to_pem();
  write_text(file + ".crt", chain);
  write_text(file + ".der", as_text(device.identity.device_key->to_pkcs8().reveal()));
  ASSERT_EQ(run({"openssl", "pkcs8", "-inform", "DER", "-in", file + ".der", "-nocrypt", "-out", file + ".key"}).exit_code, 0);
  const CurlAnswer answer = curl({.url = scene.admin_url() + "/admin/v1/status", .method = "GET", .root = scene.platform() + "/root.crt", .certificate = file + ".crt", .key = file + ".key"});
  EXPECT_NE(answer.status, 200);
  EXPECT_TRUE(scene.ready());
}

}  // namespace
}  // namespace tf::test
