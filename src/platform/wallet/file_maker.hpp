// The stated way of S04–S06: the platform makes a user's RSA key pair, gets the certificate and makes the certificate file, off the
// request path: a key takes a quarter of a second, a file more than one. Keys are made ahead while there is nothing else to do.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "crypto/keys.hpp"

namespace tf::platform {

class FileMaker {
 public:
  // Makes the file of this registration with this key; what it answers is logged by the maker.
  using Make = std::function<Status(const std::string& registration, const crypto::PrivateKey& key)>;
  // keys_ahead: so many are held; 0: the stated way is not in use.
  FileMaker(Make make, std::size_t keys_ahead);
  void want(std::string registration);

 private:
  void work(const std::stop_token& stop);

  const Make make_;
  const std::size_t keys_ahead_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::deque<std::string> wanted_;
  std::deque<crypto::PrivateKey> keys_;
  std::jthread thread_;
};

}  // namespace tf::platform
