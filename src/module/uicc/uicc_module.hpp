// The module in a smart card (docs/card.md, "The module"): the third implementation of the port, over any way to a card. In the card: name, both keys (made
// there), certificates, credentials with their sequence numbers, records. AKA is answered by the card itself, and once a subscription is installed its USIM
// answers with it to whoever puts the card into a modem. On disk: DIRECTORY/DSIM_ID.module with the card's serial and, sealed under the device's storage key,
// the keys of the secure channel that makes this device the card's host. Neither is worth anything without the other.
//
// What the card cannot do itself the module's own code does, with the secret in memory for the moment and wiped: AES-256-GCM over a delivered content, reading
// the credential in it. A card that was reset has lost the module.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "module/module.hpp"
#include "module/uicc/card_host.hpp"

namespace tf::module::uicc {

struct Settings {
  std::string directory;
  Secret<32> storage_key;
  Connect connect;
  std::optional<pki::Certificate> manufacturer = {};  // of the card; create() then takes no other's
  std::int64_t now_ms = 0;                            // for its certificates; create() alone
};

// Claims the card, makes keys and file. Interrupted after the file, open() goes on. Code::invalid "module.dsim_id"; Code::conflict "module.exists",
// "module.in_use", "module.card_taken"; errors of card_host.hpp.
Result<std::unique_ptr<SecureModule>> create(const Settings& settings, std::string_view dsim_id, Random& random);
// Code::not_found "module.no_module", which is also the answer after a removal that had been interrupted, and is finished here; Code::conflict "module.in_use";
// Code::integrity "module.other_card", also for a card whose module was erased under a file that was put back: remove() takes that away.
Result<std::unique_ptr<SecureModule>> open(const Settings& settings, std::string_view dsim_id, Random& random);
// Erases the module in the card and removes the file, for good; what was interrupted is finished by this once more or by open(). The file goes when the card
// said so under its keys alone: a card that says it is no module any more, which anybody on the line can say, is Code::integrity "module.other_card".
Status remove(const Settings& settings, std::string_view dsim_id);

}  // namespace tf::module::uicc
