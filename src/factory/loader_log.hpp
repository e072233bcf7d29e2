// The loader's log: what it personalised, one signed line an event, each holding the hash of the line before it. Nothing
// can be changed, removed from the middle or added without the loader's log key.
#pragma once
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "crypto/keys.hpp"
#include "wire/dsn.hpp"

namespace tf::factory {

struct LogEntry {
  std::int64_t number = 0;  // from 1
  std::int64_t at_ms = 0;
  std::string batch;
  wire::Dsn dsn;
  std::string certificate;  // fingerprint of the device certificate, lower-case hex
};

class LoaderLog {
 public:
  // Reads and verifies what is there. Code::integrity "factory.log" with the line's number.
  static Result<LoaderLog> open(std::string path, const crypto::PublicKey& key);
  // Appends durably: on disk before it returns.
  Status append(const crypto::PrivateKey& key, std::int64_t at_ms, std::string_view batch, const wire::Dsn& dsn, std::string_view certificate);
  [[nodiscard]] const std::vector<LogEntry>& entries() const { return entries_; }
  [[nodiscard]] bool contains(const wire::Dsn& dsn) const { return known_.contains(dsn.text()); }

 private:
  explicit LoaderLog(std::string path) : path_(std::move(path)) {}
  std::string path_;
  std::vector<LogEntry> entries_;
  std::unordered_set<std::string> known_;
  std::string last_hash_;
};

// The entries of a log's text, each signature and link verified.
struct VerifiedLog {
  std::vector<LogEntry> entries;
  std::string last_hash;
};
Result<VerifiedLog> verify_log(std::string_view text, const crypto::PublicKey& key);

}  // namespace tf::factory
