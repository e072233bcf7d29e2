// What monitors see.
#include <gmock/gmock.h>

#include <cmath>

#include "tests/e2e/scene.hpp"

namespace tf::test {
namespace {

using testing::HasSubstr;

CurlAnswer get(const std::string& url) { return curl({.url = url, .method = "GET", .root = Scene::get().platform() + "/root.crt"}); }

// A sample of the text format by its name with labels; -1 when it is not there.
double sample(const std::string& text, const std::string& name) {
  const std::size_t at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

TEST(Health, is_told_on_both_listeners_to_anyone) {
  Scene& scene = Scene::get();
  scene.serve();
  for (const std::string& url : {scene.url(), scene.admin_url()}) {
    const CurlAnswer health = get(url + "/healthz");
    EXPECT_EQ(health.status, 200);
    EXPECT_EQ(health.body, "ok\n");
    EXPECT_EQ(get(url + "/readyz").body, "ready\n");
  }
}

TEST(Metrics, count_downloads_and_refusals) {
  Scene& scene = Scene::get();
  scene.serve();
  const auto read = [&] { return get(scene.admin_url() + "/metrics").body; };
  const std::string before = read();
  const Fleet fleet = scene.fleet(2, 2);
  ASSERT_EQ(scene.download(fleet).exit_code, 0);
  scene.post("/rki/v1/hello", "{}");
  const std::string after = read();
  for (const auto& [name, growth] : {std::pair{"trustferry_rki_downloads_total", 4}, {"trustferry_rki_deliveries_total", 4}, {"trustferry_rki_refusals_total", 1}}) {
    EXPECT_GE(sample(before, name), 0) << name;
    EXPECT_EQ(sample(after, name) - sample(before, name), growth) << name;
  }
  EXPECT_THAT(after, HasSubstr("# TYPE trustferry_rki_downloads_total counter"));
}

TEST(Status, tells_estate_audit_vault_and_certificates) {
  Scene& scene = Scene::get();
  scene.serve();
  auto status = scene.ask({"status"});
  auto estate = status.object("estate").value();
  EXPECT_EQ(estate.integer("terminals", 0, INT64_MAX).value(), sql_number(scene.database(), "SELECT COUNT(*) FROM terminals"));
  EXPECT_EQ(estate.integer("active_keys", 0, INT64_MAX).value(), sql_number(scene.database(), "SELECT COUNT(*) FROM rki_keys WHERE status = 'active'"));
  auto audit = status.object("audit").value();
  EXPECT_EQ(audit.integer("entries", 0, INT64_MAX).value(), sql_number(scene.database(), "SELECT COUNT(*) FROM audit_entries"));
  EXPECT_FALSE(status.object("vault").value().boolean("sealed").value());
  std::set<std::string> kinds;
  for (auto& certificate : status.objects("certificates", 100).value()) kinds.insert(certificate.text("kind").value());
  EXPECT_EQ(kinds, (std::set<std::string>{"root", "estate-ca", "operations-ca", "authority-cards", "authority-devices", "authority-modules", "authority-onboard", "authority-platform", "authority-servers", "authority-users", "ocsp-root", "tls",
                                   "work-classic", "work-modern"}));
}

}  // namespace
}  // namespace tf::test
