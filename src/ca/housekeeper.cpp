#include "ca/housekeeper.hpp"

#include "base/log.hpp"

namespace tf::ca {

Housekeeper::Housekeeper(CertificateAuthority& authority, std::chrono::milliseconds every, std::chrono::milliseconds soon)
    : authority_(authority), every_(every), soon_(soon), thread_([this](const std::stop_token& stop) { work(stop); }) {}

void Housekeeper::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  condition_.notify_one();
}

void Housekeeper::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void Housekeeper::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    condition_.wait_for(lock, stop, every_, [this] { return woken_; });
    // Who comes shortly after is taken along.
    if (woken_) condition_.wait_for(lock, stop, soon_, [] { return false; });
    if (stop.stop_requested()) return;
    woken_ = false;
    lock.unlock();
    if (const Status kept = authority_.keep_house(); !kept) log::error("ca: housekeeping failed: " + describe(kept.error()));
    lock.lock();
  }
}

}  // namespace tf::ca
