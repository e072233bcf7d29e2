// What a manufacturer of cards does: his root, the plan of a card from the command line, the record he hands to a platform.
#pragma once
#include <string>
#include <vector>

#include "card/software_card.hpp"

namespace tf::cli {

struct CardSecrets {
  std::string pin = "123456", puk = "12345678";
  unsigned tries = 3;
  std::string administrator, administrator_cipher = "3des";
};
struct CardOrder {
  std::string serial, manufacturer = "run/manufacturer", scp03, ota, imsi, iccid, k, opc, record, record_key;
  std::vector<std::string> users, presets;
  bool sign_hash = false;
};

Result<card::Plan> plan_of(const CardSecrets& secrets, const CardOrder& order, Random& random);
// DIRECTORY/manufacturer.key and .crt; made when neither is there.
Result<pki::Issuer> open_manufacturer(const std::string& directory, std::int64_t now_ms, Random& random);
Status write_record(card::SoftwareCard& made, const card::Plan& plan, const CardOrder& order, Random& random);

}  // namespace tf::cli
