// What the service of cardsign remembers of what it has read or parsed before. None of it is believed: it saves work, and what decides is asked
// of the database each time. Bounded: full, it begins anew.
#pragma once
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "crypto/digest.hpp"
#include "pki/certificate.hpp"

namespace tf::platform {

template <class T>
class Remembered {
 public:
  explicit Remembered(std::size_t most) : most_(most) {}
  [[nodiscard]] std::optional<T> find(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = kept_.find(key);
    return found == kept_.end() ? std::nullopt : std::optional<T>(found->second);
  }
  void keep(const std::string& key, T value) {
    const std::lock_guard lock(mutex_);
    if (kept_.size() >= most_) kept_.clear();
    kept_.insert_or_assign(key, std::move(value));
  }
  void forget(const std::string& key) {
    const std::lock_guard lock(mutex_);
    kept_.erase(key);
  }

 private:
  const std::size_t most_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, T> kept_;
};

// Certificates of ours that cards have shown, by their octets: a card that comes again costs no parsing.
class KnownCertificates {
 public:
  [[nodiscard]] Result<pki::Certificate> parse(ByteView der) const {
    if (auto known = kept_.find(name_of(der))) return std::move(*known);
    return pki::Certificate::from_der(der);
  }
  // Once it has proved to be ours: anybody may show anything.
  void keep(const pki::Certificate& certificate) { kept_.keep(name_of(certificate.der()), certificate); }

 private:
  static std::string name_of(ByteView der) { return std::string(as_text(crypto::sha256(der))); }
  Remembered<pki::Certificate> kept_{4096};
};

}  // namespace tf::platform
