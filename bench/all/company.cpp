#include "bench/all/company.hpp"

#include <cstdlib>
#include <string>

#include "bench/all/child.hpp"
#include "bench/all/measure.hpp"
#include "crypto/keys.hpp"

namespace tf::bench {

void client_work(double us) {
  static const std::string text(400, 'm');
  static const crypto::PrivateKey key = crypto::PrivateKey::generate_p256();
  static const crypto::PublicKey known = key.public_key();
  for (const double until = thread_cpu_us() + us; thread_cpu_us() < until;) {
    const auto signature = crypto::sign_es256(key, as_bytes(text));
    if (!signature || !crypto::verify_es256(known, as_bytes(text), *signature)) std::abort();
  }
}

Company::Company() {
  const unsigned processors = std::thread::hardware_concurrency();
  if (processors < 2) return;
  share_processors(Share::ours);
  for (unsigned i = processors / 2; i < processors; ++i)
    clients_.emplace_back([this] {
      while (!ended_.load(std::memory_order_relaxed)) client_work(1000);
    });
  share_processors(Share::servers);
}

Company::~Company() {
  ended_ = true;
  clients_.clear();
  share_processors(Share::ours);
}

}  // namespace tf::bench
