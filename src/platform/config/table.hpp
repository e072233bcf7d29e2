// A table of platform.toml being read: each setting is asked for by name, and what nobody asked for is an error that names it.
// Errors: Code::invalid "config.value" with the line, "config.unknown_key", "config.listen".
#pragma once
#include <toml++/toml.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "platform/config.hpp"

namespace tf::platform::configuration {

Error wrong(const toml::node& at, const std::string& what);
inline Error value_error(const std::string& what) { return {Code::invalid, "config.value", what}; }  // of several values together

class Table {
 public:
  Table(const toml::table& table, std::string name) : table_(table), name_(std::move(name)) {}

  // What is not there stays as it is.
  Status integer(const char* key, std::int64_t min, std::int64_t max, std::int64_t& out);
  Status texts(const char* key, std::vector<std::string>& out);
  [[nodiscard]] Result<std::string> text(const char* key, std::string fallback);
  // One of two words; the first one is false.
  [[nodiscard]] Result<bool> choice(const char* key, std::string_view no, std::string_view yes, bool fallback);
  [[nodiscard]] Result<Listen> listen(const char* key, const Listen& fallback);  // ADDRESS:PORT
  [[nodiscard]] Result<std::optional<Listen>> listen_if(const char* key);        // none when it is not there, or empty
  // Null when it is not there.
  [[nodiscard]] Result<const toml::table*> table(const char* key);
  [[nodiscard]] Result<const toml::array*> tables(const char* key);  // [[key]]
  // Names what nobody asked for.
  [[nodiscard]] Status finish() const;

 private:
  const toml::node* find(const char* key);
  const toml::table& table_;
  std::string name_;
  std::set<std::string> asked_;
};

// The sections that are files of their own.
Status read_access(const toml::table& toml, Config& config);
Status read_wallet(const toml::table& toml, Config& config);
std::string text_of(const WalletConfig& wallet);
std::string text_of(const FrontEndConfig& front_end);
Status read_cardsign(const toml::table& toml, Config& config);
std::string text_of(const CardsignConfig& cardsign);
Status read_pki(const toml::table& toml, Config& config);
std::string text_of(const PkiConfig& pki);
std::string text_of(const access::ServicePolicy& policy);

}  // namespace tf::platform::configuration
