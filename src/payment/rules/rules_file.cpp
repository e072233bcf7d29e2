#include "payment/rules/rules_file.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <set>

#include "payment/money.hpp"

namespace tf::payment {
namespace {

constexpr std::size_t kMaxRules = 1U << 20;

Error error_at(const toml::node& node, const std::string& what) {
  return {Code::invalid, "payment.rules", fmt::format("line {}: {}", node.source().begin.line, what)};
}

// A table being read; finish() names what nobody asked for.
class Table {
 public:
  explicit Table(const toml::table& table) : table_(table) {}

  // take(node): true where the value is what it should be, which is what must says.
  template <class F>
  Status optional(const char* key, const char* must, F&& take) {
    known_.insert(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr || take(*node)) return {};
    return error_at(*node, fmt::format("{} must be {}", key, must));
  }
  Status text(const char* key, std::string& out, std::size_t max_size = 64) {
    return optional(key, "a text", [&](const toml::node& node) {
      const auto value = node.value_exact<std::string>();
      if (!value || value->empty() || value->size() > max_size) return false;
      out = *value;
      return true;
    });
  }
  Status number(const char* key, std::int64_t min, std::int64_t max, std::optional<std::int64_t>& out) {
    known_.insert(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr) return {};
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < min || *value > max) return error_at(*node, fmt::format("{} must be a number from {} to {}", key, min, max));
    out = value;
    return {};
  }
  template <class Good>
  Status texts(const char* key, const char* must, std::vector<std::string>& out, Good&& good) {
    return optional(key, must, [&](const toml::node& node) {
      const toml::array* list = node.as_array();
      if (list == nullptr || list->empty()) return false;
      for (const toml::node& item : *list) {
        const auto value = item.value_exact<std::string>();
        if (!value || !good(*value) || std::ranges::find(out, *value) != out.end()) return false;
        out.push_back(*value);
      }
      return true;
    });
  }
  // An amount in this currency, as people write it.
  Status amount(const char* key, const std::string& currency, std::optional<std::int64_t>& out) {
    known_.insert(key);
    const toml::node* node = table_.get(key);
    if (node == nullptr) return {};
    const auto value = node->value_exact<std::string>();
    if (!value) return error_at(*node, fmt::format("{} must be an amount in quotes, like \"10.00\"", key));
    const auto money = parse_money(*value, currency);
    if (!money) return error_at(*node, fmt::format("{}: {}", key, money.error().detail));
    out = money->minor;
    return {};
  }
  [[nodiscard]] bool has(const char* key) const { return table_.contains(key); }
  [[nodiscard]] Status finish() const {
    for (const auto& [key, node] : table_)
      if (!known_.contains(key.str())) return error_at(node, fmt::format("\"{}\" is not known here", key.str()));
    return {};
  }

 private:
  const toml::table& table_;
  std::set<std::string, std::less<>> known_;
};

bool is_prefix(const std::string& text) {
  return !text.empty() && text.size() <= 11 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}
bool is_word(const std::string& text) { return !text.empty() && text.size() <= 64; }

Result<Route> read_route(const toml::table& node) {
  Table table(node);
  Route out;
  TF_CHECK(table.text("name", out.name));
  TF_CHECK(table.texts("prefixes", "a list of 1 to 11 digits each", out.prefixes, is_prefix));
  TF_CHECK(table.texts("wallets", "a list of names", out.wallets, is_word));
  TF_CHECK(table.texts("currencies", "a list like [\"CNY\"]", out.currencies, [](const std::string& text) { return is_currency(text); }));
  TF_CHECK(table.texts("merchants", "a list of merchants' numbers", out.merchants, is_word));
  TF_CHECK(table.texts("front_ends", "a list of front ends", out.front_ends, is_word));
  if ((table.has("from") || table.has("to")) && out.currencies.size() != 1) return error_at(node, "from and to need exactly one currency");
  const std::string currency = out.currencies.empty() ? "" : out.currencies.front();
  TF_CHECK(table.amount("from", currency, out.from));
  TF_CHECK(table.amount("to", currency, out.to));
  std::string otherwise = "refuse";
  TF_CHECK(table.text("otherwise", otherwise));
  TF_CHECK(table.finish());
  out.next_when_down = otherwise == "next";
  if (otherwise != "next" && otherwise != "refuse") return error_at(node, "otherwise must be \"refuse\" or \"next\"");
  if (out.name.empty()) return error_at(node, "a route has a name");
  if (out.front_ends.empty()) return error_at(node, fmt::format("route \"{}\" has no front_ends", out.name));
  if (out.from && out.to && *out.from > *out.to) return error_at(node, fmt::format("route \"{}\": from is more than to", out.name));
  return out;
}

Result<Limit> read_limit(const toml::table& node) {
  Table table(node);
  Limit out;
  std::string of;
  TF_CHECK(table.text("of", of));
  TF_CHECK(table.text("currency", out.currency));
  if (of != "user" && of != "terminal") return error_at(node, "of must be \"user\" or \"terminal\"");
  if (!is_currency(out.currency)) return error_at(node, "a limit has a currency, like \"CNY\"");
  out.of = of == "user" ? Of::user : Of::terminal;
  TF_CHECK(table.amount("amount", out.currency, out.amount));
  TF_CHECK(table.amount("sum_per_day", out.currency, out.sum_per_day));
  TF_CHECK(table.number("count_per_day", 0, 1'000'000'000, out.count_per_day));
  std::optional<std::int64_t> count;
  std::optional<std::int64_t> within;
  TF_CHECK(table.number("count", 1, kMostWithin, count));
  TF_CHECK(table.number("within_seconds", 1, 7 * 24 * 3600, within));
  TF_CHECK(table.finish());
  if (count.has_value() != within.has_value()) return error_at(node, "count and within_seconds go together");
  out.count = count.value_or(0);
  out.within_ms = within.value_or(0) * 1000;
  if (!out.amount && !out.sum_per_day && !out.count_per_day && !count) return error_at(node, "a limit that limits nothing");
  return out;
}

// "+08:00", in minutes.
std::optional<int> parse_offset(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : 100; };
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const int hours = digit(1) * 10 + digit(2);
  const int minutes = digit(4) * 10 + digit(5);
  if (hours > 14 || minutes > 59) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

template <class Read, class Take>
Status each_table(const toml::table& root, const char* key, Read read, Take take) {
  const toml::node* node = root.get(key);
  if (node == nullptr) return {};
  const toml::array* list = node->as_array();
  if (list == nullptr) return error_at(*node, fmt::format("write [[{}]]", key));
  for (const toml::node& item : *list) {
    if (!item.is_table()) return error_at(item, fmt::format("write [[{}]]", key));
    TF_CHECK(take(item, TF_TRY(read(*item.as_table()))));
  }
  return {};
}

Result<Rules> read_rules(const toml::table& root) {
  Rules out;
  Table table(root);
  std::string offset;
  TF_CHECK(table.text("utc_offset", offset));
  if (!offset.empty()) {
    const auto minutes = parse_offset(offset);
    if (!minutes) return error_at(*root.get("utc_offset"), "utc_offset must be like \"+08:00\"");
    out.limits.utc_offset_minutes = *minutes;
  }
  for (const char* key : {"route", "limit"}) TF_CHECK(table.optional(key, "", [](const toml::node&) { return true; }));
  TF_CHECK(table.finish());
  TF_CHECK(each_table(root, "route", read_route, [&](const toml::node& node, Route route) -> Status {
    for (const Route& other : out.routes)
      if (other.name == route.name) return error_at(node, fmt::format("there is a route \"{}\" already", route.name));
    out.routes.push_back(std::move(route));
    return {};
  }));
  TF_CHECK(each_table(root, "limit", read_limit, [&](const toml::node& node, Limit limit) -> Status {
    if (out.limits.find(limit.of, limit.currency) != nullptr)
      return error_at(node, fmt::format("there is a limit of {} in {} already", name_of(limit.of), limit.currency));
    out.limits.all.push_back(std::move(limit));
    return {};
  }));
  return out;
}

}  // namespace

Result<Rules> parse_rules(std::string_view text) {
  if (text.size() > kMaxRules) return Error{Code::invalid, "payment.rules", "the file is too large"};
  try {
    return read_rules(toml::parse(text));
  } catch (const toml::parse_error& error) {
    return Error{Code::invalid, "payment.rules", fmt::format("line {}: {}", error.source().begin.line, error.description())};
  }
}

Status check_front_ends(const Rules& rules, const std::vector<std::string>& names) {
  for (const Route& route : rules.routes)
    for (const std::string& name : route.front_ends)
      if (std::ranges::find(names, name) == names.end())
        return Error{Code::invalid, "payment.rules", fmt::format("route \"{}\" names front end \"{}\", which there is not", route.name, name)};
  return {};
}

}  // namespace tf::payment
