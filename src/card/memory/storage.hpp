// The medium under the card's memory: records by name, changed by whole transactions. Implementations: a sealed file that survives power-off at
// any octet (file_storage.hpp), and the tests' one that cuts at write n (volatile_storage.hpp).
#pragma once
#include <map>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace tf::card {

using Records = std::map<std::string, SecretBytes, std::less<>>;
// nullopt removes a record.
using Changes = std::map<std::string, std::optional<SecretBytes>, std::less<>>;

class Storage {
 public:
  virtual ~Storage() = default;
  // What was committed last. Code::integrity "card.state"; Code::unavailable "card.store".
  virtual Result<Records> load() = 0;
  // After success all of it is durable. After a failure, and after a crash at any moment, it is all there or nothing of it.
  // Code::unavailable "card.store".
  virtual Status commit(const Changes& changes) = 0;
};

}  // namespace tf::card
