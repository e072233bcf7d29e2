// Calls keep_house() every now and then, and soon after something was revoked.
#pragma once
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "ca/certificate_authority.hpp"

namespace tf::ca {

class Housekeeper {
 public:
  explicit Housekeeper(CertificateAuthority& authority, std::chrono::milliseconds every = std::chrono::seconds(30),
                       std::chrono::milliseconds soon = std::chrono::milliseconds(500));
  void wake();  // soon; from any thread, also after stop()
  void stop();

 private:
  void work(const std::stop_token& stop);

  CertificateAuthority& authority_;
  const std::chrono::milliseconds every_, soon_;
  std::mutex mutex_;
  std::condition_variable_any condition_;
  bool woken_ = false;
  std::jthread thread_;
};

}  // namespace tf::ca
