#include "bench/all/acquirer.hpp"

#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "base/file.hpp"
#include "platform/zones.hpp"
#include "vault/symmetric.hpp"
#include "wire/encoding.hpp"

namespace tf::bench {

Result<std::unique_ptr<Child>> start_acquirer(const std::string& program, const std::string& directory, int port) {
  return Child::start({program, "simulate", "acquirer", "--listen", fmt::format("127.0.0.1:{}", port), "--zone-key-components", "@" + directory + "/component-1", "@" + directory + "/component-2",
                       "--journal", directory + "/acquirer.journal"},
                      directory + "/acquirer.log", Share::ours);
}

Status wait_for_acquirer(const std::string& directory, const std::function<bool()>& pay_one) {
  for (int tries = 0; tries < 100; ++tries) {
    if (pay_one()) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return Error{Code::unavailable, "bench.acquirer", "no payment was approved; see " + directory + "/acquirer.log and server.log"};
}

Status share_zone_key(platform::Context& context, const std::string& directory, const std::string& zone, Random& random) {
  for (int i = 1; i <= 2; ++i) {
    const auto component = random.array<32>();
    TF_CHECK(write_private_file(fmt::format("{}/component-{}", directory, i), as_bytes(wire::hex_upper(component))));
    const std::string kcv = TF_TRY(vault::check_value({crypto::BlockCipher::aes, component.size(), vault::SymmetricPurpose::component}, component));
    TF_TRY(platform::add_component(context, fmt::format("custodian-{}", i), {.zone = zone, .component = SecretBytes(component), .kcv = kcv}));
  }
  return {};
}

}  // namespace tf::bench
