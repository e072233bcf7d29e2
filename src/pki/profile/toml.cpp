// Reading a profile's file.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <functional>
#include <span>

#include "pki/profile/words.hpp"

namespace tf::pki {
namespace {

constexpr std::size_t kMaxText = 64U << 10;

Error error_at(const char* reason, const toml::source_region& at, const std::string& what) {
  return {Code::invalid, reason, fmt::format("line {}: {}", at.begin.line, what)};
}

template <class T>
std::string choices(std::span<const words::Word<T>> list) {
  std::string out;
  for (const auto& word : list) out += fmt::format("{}\"{}\"", out.empty() ? "" : ", ", word.text);
  return out;
}

// A table being read; finish() names what nobody asked for.
class Table {
 public:
  Table(const toml::table* table, std::string name) : table_(table), name_(std::move(name)) {}

  Status integer(const char* key, int min, int max, int& out) {
    const toml::node* node = find(key);
    if (node == nullptr) return {};
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < min || *value > max) return wrong(*node, key, fmt::format("is a number from {} to {}", min, max));
    out = static_cast<int>(*value);
    return {};
  }

  Status boolean(const char* key, bool& out) {
    const toml::node* node = find(key);
    if (node == nullptr) return {};
    const auto value = node->value_exact<bool>();
    if (!value) return wrong(*node, key, "is true or false");
    out = *value;
    return {};
  }

  Result<std::string> text(const char* key, std::size_t max_size) {
    const toml::node* node = find(key);
    if (node == nullptr) return std::string();
    const auto value = node->value_exact<std::string>();
    if (!value || value->empty() || value->size() > max_size)
      return wrong(*node, key, fmt::format("is a string of 1 to {} characters", max_size));
    return *value;
  }

  template <class T>
  Status choice(const char* key, std::span<const words::Word<T>> list, T& out) {
    const toml::node* node = find(key);
    if (node == nullptr) return {};
    const auto value = node->value_exact<std::string>();
    const auto found = value ? std::ranges::find(list, *value, &words::Word<T>::text) : list.end();
    if (found == list.end()) return wrong(*node, key, "is one of " + choices(list));
    out = found->value;
    return {};
  }

  // take(value) for each word of a list. other: takes what is no word, or says no.
  template <class T>
  Status each(const char* key, std::span<const words::Word<T>> list, const std::function<void(T)>& take,
              const std::function<bool(const std::string&)>& other = {}) {
    const toml::node* node = find(key);
    if (node == nullptr) return {};
    const std::string what = "is a list of " + choices(list) + (other ? " and dotted OIDs" : "");
    std::set<std::string> seen;
    if (node->as_array() == nullptr) return wrong(*node, key, what);
    for (const toml::node& element : *node->as_array()) {
      const auto word = element.value_exact<std::string>();
      if (!word) return wrong(element, key, what);
      if (!seen.insert(*word).second) return wrong(element, key, fmt::format("names \"{}\" twice", *word));
      const auto found = std::ranges::find(list, *word, &words::Word<T>::text);
      if (found == list.end() && (!other || !other(*word))) return wrong(element, key, fmt::format("{}, not \"{}\"", what, *word));
      if (found != list.end()) take(found->value);
    }
    return {};
  }

  [[nodiscard]] Result<Table> table(const char* key) {
    const toml::node* node = find(key);
    if (node != nullptr && node->as_table() == nullptr) return wrong(*node, key, "is a table");
    return Table(node == nullptr ? nullptr : node->as_table(), fmt::format("{}{}.", name_, key));
  }

  [[nodiscard]] Status require(std::initializer_list<const char*> keys) const {
    for (const char* key : keys)
      if (table_ == nullptr || !table_->contains(key))
        return Error{Code::invalid, "pki.profile_missing", fmt::format("\"{}{}\" has to be there", name_, key)};
    return {};
  }

  [[nodiscard]] Status finish() const {
    if (table_ == nullptr) return {};
    for (const auto& [key, node] : *table_)
      if (!asked_.contains(std::string(key.str())))
        return error_at("pki.profile_unknown_key", node.source(), fmt::format("there is no key \"{}{}\"", name_, key.str()));
    return {};
  }

 private:
  const toml::node* find(const char* key) {
    asked_.insert(key);
    return table_ == nullptr ? nullptr : table_->get(key);
  }
  [[nodiscard]] Error wrong(const toml::node& at, const char* key, const std::string& what) const {
    return error_at("pki.profile_value", at.source(), fmt::format("{}{} {}", name_, key, what));
  }
  const toml::table* table_;  // null when it is not there
  std::string name_;
  std::set<std::string> asked_;
};

std::function<void(const char*)> into(std::set<std::string>& set) {
  return [&set](const char* dotted) { set.insert(dotted); };
}
std::function<bool(const std::string&)> dotted_into(std::set<std::string>& set) {
  return [&set](const std::string& text) { return words::is_dotted(text) && set.insert(text).second; };
}

Status read_key(Table table, Profile& out) {
  constexpr words::Word<bool> kKinds[] = {{"P-256", false}, {"RSA", true}};
  constexpr words::Word<KeySource> kSources[] = {{"request", KeySource::request}, {"platform", KeySource::platform}};
  constexpr words::Word<KeyRenewal> kRenewals[] = {{"any", KeyRenewal::any}, {"new", KeyRenewal::fresh}, {"same", KeyRenewal::same}};
  TF_CHECK(table.require({"kinds", "usage"}));
  TF_CHECK(table.each<bool>("kinds", kKinds, [&](bool rsa) { (rsa ? out.rsa : out.p256) = true; }));
  TF_CHECK(table.integer("rsa_bits_min", 2048, 8192, out.rsa_bits_min));
  TF_CHECK(table.integer("rsa_bits_max", 2048, 8192, out.rsa_bits_max));
  TF_CHECK(table.choice<KeySource>("source", kSources, out.key_source));
  TF_CHECK(table.choice<KeyRenewal>("renewal", kRenewals, out.key_renewal));
  TF_CHECK(table.each<std::uint32_t>("usage", words::key_usages(), [&](std::uint32_t bit) { out.key_usage |= bit; }));
  TF_CHECK(table.each("extended_usage", words::extended_usages(), into(out.extended_key_usages), dotted_into(out.extended_key_usages)));
  return table.finish();
}

template <class T>
Status read_wanted(Table table, std::span<const words::Word<T>> list, Wanted<T>& out) {
  TF_CHECK(table.each<T>("required", list, [&](T one) { out.required.insert(one); }));
  TF_CHECK(table.each<T>("allowed", list, [&](T one) { out.allowed.insert(one); }));
  return table.finish();
}

Status read_extensions(Table table, Profile& out) {
  TF_CHECK(table.each("critical", words::extensions(), into(out.critical_extensions), dotted_into(out.critical_extensions)));
  TF_CHECK(table.each("absent", words::extensions(), into(out.absent_extensions), dotted_into(out.absent_extensions)));
  TF_CHECK(table.boolean("crl_distribution_point", out.crl_distribution_point));
  TF_CHECK(table.boolean("ocsp_url", out.ocsp_url));
  return table.finish();
}

Result<Profile> read(const toml::table& parsed) {
  Profile out;
  Table table(&parsed, "");
  TF_CHECK(table.require({"name", "purpose", "validity_days_max", "key"}));
  out.name = TF_TRY(table.text("name", 64));
  TF_CHECK(table.choice("purpose", words::purposes(), out.purpose));
  out.authority = TF_TRY(table.text("authority", 64));
  TF_CHECK(table.integer("validity_days_max", 1, 11'000, out.validity_days_max));
  TF_CHECK(table.integer("renewal_days_after_expiry", 0, 3660, out.renewal_days_after_expiry));
  int path_length = -1;
  TF_CHECK(table.integer("path_length", 0, 8, path_length));
  if (path_length >= 0) out.path_length = path_length;
  TF_CHECK(read_key(TF_TRY(table.table("key")), out));
  TF_CHECK(read_wanted(TF_TRY(table.table("subject")), words::attributes(), out.subject));
  TF_CHECK(read_wanted(TF_TRY(table.table("subject_alt_name")), words::names(), out.names));
  TF_CHECK(read_extensions(TF_TRY(table.table("extensions")), out));
  TF_CHECK(table.finish());
  return out;
}

}  // namespace

Result<Profile> parse_profile(std::string_view text) {
  if (text.size() > kMaxText) return Error{Code::invalid, "pki.profile_syntax", "a profile has at most 64 KiB"};
  toml::table parsed;
  try {
    parsed = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return error_at("pki.profile_syntax", error.source(), std::string(error.description()));
  }
  Profile out = TF_TRY(read(parsed));
  TF_CHECK(check_profile(out));
  return out;
}

}  // namespace tf::pki
