#include "vault/vault.hpp"

#include <algorithm>

namespace tf::vault {

std::string_view name_of(Purpose purpose) {
  switch (purpose) {
    case Purpose::sign:
      return "sign";
    case Purpose::decrypt:
      return "decrypt";
    case Purpose::agree:
      return "agree";
    case Purpose::certificate:
      return "certificate";
    case Purpose::tls:
      return "tls";
    case Purpose::sign_legacy:
      return "sign_legacy";
  }
  return "";
}

bool valid_key_name(std::string_view name) {
  const auto letter_or_digit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (name.empty() || name.size() > 64 || !letter_or_digit(name.front())) return false;
  return std::ranges::all_of(name, [&](char c) { return letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

}  // namespace tf::vault
