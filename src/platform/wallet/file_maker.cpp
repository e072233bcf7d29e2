#include "platform/wallet/file_maker.hpp"

#include "base/log.hpp"

namespace tf::platform {

FileMaker::FileMaker(Make make, std::size_t keys_ahead)
    : make_(std::move(make)), keys_ahead_(keys_ahead), thread_([this](const std::stop_token& stop) { work(stop); }) {}

void FileMaker::want(std::string registration) {
  {
    const std::lock_guard lock(mutex_);
    wanted_.push_back(std::move(registration));
  }
  wake_.notify_all();
}

void FileMaker::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (wanted_.empty() && keys_.size() >= keys_ahead_) {
      wake_.wait(lock, stop, [this] { return !wanted_.empty(); });
      continue;
    }
    if (wanted_.empty() || keys_.empty()) {
      lock.unlock();
      crypto::PrivateKey key = crypto::PrivateKey::generate_rsa(2048);
      lock.lock();
      keys_.push_back(std::move(key));
      continue;
    }
    const std::string registration = std::move(wanted_.front());
    wanted_.pop_front();
    const crypto::PrivateKey key = std::move(keys_.front());
    keys_.pop_front();
    lock.unlock();
    if (const Status made = make_(registration, key); !made) log::error("the certificate file of a registration could not be made: " + describe(made.error()));
    lock.lock();
  }
}

}  // namespace tf::platform
