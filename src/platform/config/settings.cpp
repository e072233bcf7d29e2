#include "platform/config/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/file.hpp"
#include "platform/config/table.hpp"

namespace tf::platform {
namespace {

using configuration::value_error;

constexpr std::string_view kWalletSection = "wallet", kCardsignSection = "cardsign", kFrontEnds = "wallet.front_ends.";

Error there_already(std::string_view section) { return {Code::conflict, "config.section_there", fmt::format("the configuration has [{}] already; nothing was changed", section)}; }

// Sections are written without escapes.
Status check_plain(const Setting& it, std::string_view value) {
  if (std::ranges::none_of(value, [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F; })) return {};
  return value_error(fmt::format("{}.{} has a quote, a backslash or a control character in it", it.section, it.key));
}

// The table of a name with dots, made where it is not there.
toml::table& section_of(toml::table& top, std::string_view name) {
  toml::table* at = &top;
  while (true) {
    const std::size_t dot = name.find('.');
    at = at->insert(std::string(name.substr(0, dot)), toml::table{}).first->second.as_table();
    if (dot == std::string_view::npos) return *at;
    name.remove_prefix(dot + 1);
  }
}

Result<toml::table> table_of(const std::vector<Setting>& settings) {
  toml::table top;
  for (const Setting& it : settings) {
    toml::table& section = section_of(top, it.section);
    if (it.key.empty()) continue;
    if (const auto* number = std::get_if<std::int64_t>(&it.value)) section.insert_or_assign(it.key, *number);
    if (const auto* text = std::get_if<std::string>(&it.value)) {
      TF_CHECK(check_plain(it, *text));
      section.insert_or_assign(it.key, *text);
    }
    if (const auto* list = std::get_if<std::vector<std::string>>(&it.value)) {
      toml::array out;
      for (const std::string& one : *list) {
        TF_CHECK(check_plain(it, one));
        out.push_back(one);
      }
      section.insert_or_assign(it.key, std::move(out));
    }
  }
  return top;
}

bool is_front_end(const Setting& it) { return it.section.starts_with(kFrontEnds); }

}  // namespace

Status take_settings(Config& config, const std::vector<Setting>& settings) {
  const toml::table top = TF_TRY(table_of(settings));
  if (const toml::node* wallet = top.get(kWalletSection)) {
    if (config.wallet) return there_already(kWalletSection);
    TF_CHECK(configuration::read_wallet(*wallet->as_table(), config));
  }
  if (const toml::node* cardsign = top.get(kCardsignSection)) {
    if (config.cardsign) return there_already(kCardsignSection);
    TF_CHECK(configuration::read_cardsign(*cardsign->as_table(), config));
  }
  return {};
}

Status add_to_config(const std::string& path, const std::vector<Setting>& settings) {
  Config config = TF_TRY(read_config(path));
  std::string added;
  if (!settings.empty() && std::ranges::all_of(settings, is_front_end)) {
    if (!config.wallet) return value_error("[wallet.front_ends] needs [wallet]: trustferry wallet enable adds it");
    Config fresh;
    TF_CHECK(take_settings(fresh, settings));
    for (const FrontEndConfig& one : fresh.wallet->front_ends) {
      if (std::ranges::find(config.wallet->front_ends, one.name, &FrontEndConfig::name) != config.wallet->front_ends.end()) return there_already(std::string(kFrontEnds) + one.name);
      added += configuration::text_of(one);
    }
  } else {
    const bool had_wallet = config.wallet.has_value(), had_cardsign = config.cardsign.has_value();
    TF_CHECK(take_settings(config, settings));
    if (config.wallet && !had_wallet) added += configuration::text_of(*config.wallet);
    if (config.cardsign && !had_cardsign) added += configuration::text_of(*config.cardsign);
  }
  std::string text;
  if (std::filesystem::exists(path)) text = as_text(TF_TRY(read_file(path, 1U << 20)));
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  text += added;
  TF_TRY(parse_config(text, path));  // what serve will read
  return write_file_atomic(path, as_bytes(text), 0644);
}

}  // namespace tf::platform
