// The platform renews the certificate of its listeners by itself.
#include "platform/tls_certificate.hpp"
#include "tests/platform/scene.hpp"

namespace tf::platform::test {
namespace {

struct Year {
  Scene scene;
  std::unique_ptr<Certificates> certificates = must(Certificates::load(*scene.opened->database, scene.clock));
  Context context{scene.clock,         scene.opened->random,  *scene.opened->database, *scene.opened->vault,
                  *scene.opened->trail, scene.opened->metrics, scene.config,            *certificates};
  pki::Certificate current() { return must(certificates->current(kind::tls)).certificate; }
};

TEST(TlsCertificate, is_left_alone_until_thirty_days_before_its_end) {
  Year year;
  EXPECT_FALSE(must(renew_tls_certificate(year.context)));
  year.scene.clock.advance_days(334);
  EXPECT_FALSE(must(renew_tls_certificate(year.context)));
  const auto before = year.current();
  year.scene.clock.advance_days(2);
  EXPECT_TRUE(must(renew_tls_certificate(year.context)));
  const auto after = year.current();
  EXPECT_NE(after.serial_hex(), before.serial_hex());
  EXPECT_EQ(must(after.public_key()).spki(), must(before.public_key()).spki());
  EXPECT_GT(after.not_after_ms(), year.scene.clock.now_ms() + 364LL * 86'400'000);
  EXPECT_FALSE(must(renew_tls_certificate(year.context)));
  EXPECT_EQ(year.scene.audited_actions(), std::vector<std::string>{"platform.tls_renew accepted"});
}

TEST(TlsCertificate, is_made_anew_when_the_old_one_is_over) {
  Year year;
  year.scene.clock.advance_days(500);
  EXPECT_TRUE(must(renew_tls_certificate(year.context)));
  EXPECT_GT(year.current().not_after_ms(), year.scene.clock.now_ms());
}

}  // namespace
}  // namespace tf::platform::test
