// The keys shared with one acquirer, where the platform keeps them: its zone key among the zones, its working keys in card_keys.
#pragma once
#include <string>

#include "frontends/card/keys.hpp"
#include "platform/context.hpp"

namespace tf::platform {

class CardKeys final : public frontends::card::Keys {
 public:
  CardKeys(Context& context, std::string front_end, std::string zone) : context_(context), front_end_(std::move(front_end)), zone_(std::move(zone)) {}
  Result<frontends::card::StoredKey> zone() override;
  Result<std::vector<frontends::card::WorkingKeys>> working() override;
  // Older than the newest three are forgotten. Audited.
  Status keep(const frontends::card::WorkingKeys& keys) override;

 private:
  Context& context_;
  const std::string front_end_, zone_;
};

}  // namespace tf::platform
