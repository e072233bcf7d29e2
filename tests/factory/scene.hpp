// A factory without its platform: a hierarchy, the packages a platform would make, loaders and their directories.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "crypto/jose/jose.hpp"
#include "factory/loader.hpp"
#include "tests/support/estate.hpp"
#include "tests/support/expect.hpp"

namespace tf::factory::test {

using tf::test::dsn;
using tf::test::FixedClock;
using tf::test::Hierarchy;
using tf::test::kRange;
using tf::test::must;
using tf::test::range;
using tf::test::TemporaryDirectory;

inline constexpr std::string_view kBatchRange = "TF10000001..TF10000099";

struct Scene {
  TemporaryDirectory directory;
  FixedClock clock;
  SystemRandom random;
  Hierarchy pki = Hierarchy::make("Factory", clock.now_ms(), random);
  crypto::PrivateKey work_key = crypto::PrivateKey::generate_p256();
  pki::Certificate work = pki.work(work_key.public_key(), kRange, clock.now_ms(), random);
  SecretBytes classic_dik1 = drawn(24);
  SecretBytes modern_dik1 = drawn(32);

  [[nodiscard]] LoaderPorts ports() { return {clock, random}; }
  [[nodiscard]] SecretBytes drawn(std::size_t size);
  [[nodiscard]] static Secret<32> storage_key(std::uint8_t fill = 1);
  // A loader in a directory of its name.
  [[nodiscard]] Loader make_loader(const std::string& name);
  [[nodiscard]] Result<Loader> reopen(const std::string& name) { return Loader::open(directory.file(name), storage_key(), ports()); }
  // What the platform packs for that loader.
  [[nodiscard]] BatchPackage package_for(const Loader& loader, const std::string& batch, std::string_view dsns = kBatchRange,
                                         std::vector<rki::Suite> suites = {rki::Suite::modern, rki::Suite::classic});
  [[nodiscard]] std::string sign(const BatchPackage& package) const;
  [[nodiscard]] std::string seal(const Loader& loader, const SecretBytes& dik1);
  // A loader that has its batch.
  [[nodiscard]] Loader loader_with_batch(const std::string& name = "loader-1", const std::string& batch = "b1");
  [[nodiscard]] std::string log_text(const std::string& loader) const;
};

// What a device asks for, with a fresh key.
rki::PersonalisationRequest request_for(const wire::Dsn& dsn);
Hash256 fingerprint_of(const rki::Personalisation& given);

}  // namespace tf::factory::test
