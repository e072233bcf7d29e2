#include "ca/signer.hpp"

namespace tf::ca {

void CertificateAuthority::Signer::drain() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return under_way_ == 0; });
}

CertificateAuthority::Signer::~Signer() {
  drain();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_one();
  thread_.join();
}

bool CertificateAuthority::Signer::begin() {
  const std::lock_guard lock(mutex_);
  if (under_way_ >= kMost) return false;
  ++under_way_;
  return true;
}

void CertificateAuthority::Signer::end() {
  const std::lock_guard lock(mutex_);
  if (--under_way_ == 0) idle_.notify_all();  // under the lock: whoever waits may destroy this
}

void CertificateAuthority::Signer::submit(std::move_only_function<void()> task) {
  const std::lock_guard lock(mutex_);
  queue_.push_back(std::move(task));
  if (queue_.size() == 1) ready_.notify_one();
}

void CertificateAuthority::Signer::work() {
  std::deque<std::move_only_function<void()>> taken;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      taken.swap(queue_);
    }
    for (auto& task : taken) task();
    taken.clear();
  }
}

}  // namespace tf::ca
