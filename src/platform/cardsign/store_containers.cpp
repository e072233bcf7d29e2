// Containers that the platform makes on cards.
#include <algorithm>

#include "platform/cardsign/store.hpp"

namespace tf::platform {
namespace {

using store::Row;
using store::Session;
using std::string_view;

constexpr std::uint8_t kLastContainer = 15;

// The card's own person first: a container more is for a card that is in use.
Status check_in_use(Session& session, const Holder& wanted) {
  const auto card = TF_TRY(load_card(session, wanted.serial));
  if (!card) return Error{Code::not_found, "cardsign.no_card", "there is no card " + wanted.serial + " in the register"};
  const auto holders = TF_TRY(load_holders(session, wanted.serial));
  const auto first = std::ranges::find(holders, std::uint8_t{0}, &Holder::container);
  if (first == holders.end() || (first->state != "enrolled" && card->preset.empty()))
    return Error{Code::conflict, "cardsign.not_enrolled", "the card's first person has not enrolled it yet"};
  const auto same = std::ranges::find_if(holders, [&](const Holder& each) { return each.user == wanted.user && each.container != wanted.container; });
  if (same != holders.end()) return Error{Code::conflict, "cardsign.has_container", wanted.user + " has container " + std::to_string(same->container) + " of this card"};
  return {};
}

}  // namespace

Result<std::optional<ContainerRow>> load_container(Session& session, const std::string& serial, std::uint8_t container) {
  return session.query_one("SELECT state, puk_kek, puk FROM cardsign_containers WHERE serial = $1 AND container = $2", {string_view(serial), std::int64_t{container}},
                           [](const Row& row) { return ContainerRow{row.text(0), {row.text(1), row.bytes(2)}}; });
}

Result<std::uint8_t> next_container(Session& session, const std::string& serial, const std::string& user) {
  const auto holders = TF_TRY(load_holders(session, serial));
  for (const Holder& each : holders) {
    const auto row = TF_TRY(load_container(session, serial, each.container));
    if (each.user == user && row && row->state != "made") return each.container;
  }
  for (std::uint8_t number = 1; number <= kLastContainer; ++number)
    if (std::ranges::find(holders, number, &Holder::container) == holders.end()) return number;
  return Error{Code::conflict, "cardsign.containers_full", "every container of the card is somebody's"};
}

Status order_container(Session& session, const Holder& holder, const Hash256& code_hash, const std::optional<vault::Wrapped>& puk, std::int64_t now_ms) {
  TF_CHECK(check_in_use(session, holder));
  const auto before = TF_TRY(load_container(session, holder.serial, holder.container));
  if (before && before->state == "made") return Error{Code::conflict, "cardsign.container_made", "it is on the card: assign makes another code for it"};
  if (!before && TF_TRY(load_holder(session, holder.serial, holder.container))) return Error{Code::conflict, "cardsign.assigned", "it is somebody's, and the manufacturer made it"};
  TF_CHECK(assign_card(session, holder, code_hash, now_ms));
  if (before.has_value() == puk.has_value()) return Error{Code::conflict, "cardsign.container", "it was ordered, or made, meanwhile: try again"};
  if (!puk) return {};
  TF_TRY(session.execute("INSERT INTO cardsign_containers (serial, container, state, puk_kek, puk, ordered_ms) VALUES ($1, $2, 'ordered', $3, $4, $5)",
                         {string_view(holder.serial), std::int64_t{holder.container}, string_view(puk->kek), ByteView(puk->blob), now_ms}));
  return {};
}

Status intend_container(Session& session, const Holder& holder, const Hash256& code_hash, std::int64_t now_ms) {
  TF_CHECK(check_code(session, holder, code_hash, now_ms));
  const auto changed = TF_TRY(session.execute("UPDATE cardsign_containers SET state = 'intended' WHERE serial = $1 AND container = $2 AND state <> 'made'",
                                              {string_view(holder.serial), std::int64_t{holder.container}}));
  return changed == 1 ? Status() : Status(Error{Code::refused, "cardsign.superseded", "another session of the card made the container"});
}

Status finish_container(Session& session, const Holder& holder, const Hash256& code_hash, std::int64_t now_ms) {
  TF_CHECK(check_code(session, holder, code_hash, now_ms));
  TF_TRY(session.execute("UPDATE cardsign_containers SET state = 'made', puk_kek = '', puk = $3, made_ms = $4 WHERE serial = $1 AND container = $2 AND state <> 'made'",
                         {string_view(holder.serial), std::int64_t{holder.container}, ByteView(), now_ms}));
  return {};
}

}  // namespace tf::platform
