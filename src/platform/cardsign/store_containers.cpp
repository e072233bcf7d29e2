// Containers that the platform makes on cards.
#include <algorithm>
#include <set>

#include "ca/register.hpp"
#include "pki/certificate.hpp"
#include "platform/cardsign/register.hpp"

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
  if (same != holders.end() && same->state == "removing") return being_removed();
  if (same != holders.end()) return Error{Code::conflict, "cardsign.has_container", wanted.user + " has container " + std::to_string(same->container) + " of this card"};
  return {};
}

// The person's that stand, of this card: not those of its other containers, should they be the same person's.
Result<std::vector<std::string>> standing_certificates(Session& session, const Holder& holder) {
  std::set<std::string> others;
  const auto note = [&](const Row& row) -> Status { return others.insert(row.text(0)), Status(); };
  for (const char* table : {"cardsign_certificates", "cardsign_updates"})
    TF_CHECK(session.query(std::string("SELECT certificate_serial FROM ") + table + " WHERE serial = $1 AND container <> $2", {string_view(holder.serial), std::int64_t{holder.container}}, note));
  std::vector<std::string> out;
  for (const bool on_hold : {false, true}) {
    for (std::string& each : TF_TRY(ca::serials_of(session, card_holder(holder.serial), on_hold))) {
      const auto certificate = TF_TRY(pki::Certificate::from_der(TF_TRY(ca::get(session, each)).der));
      if (certificate.common_name() == holder.user && !others.contains(each)) out.push_back(std::move(each));
    }
  }
  return out;
}

Status forget_holder(Session& session, const Holder& holder) {
  for (const char* table : {"cardsign_holders", "cardsign_containers"})
    TF_TRY(session.execute(std::string("DELETE FROM ") + table + " WHERE serial = $1 AND container = $2", {string_view(holder.serial), std::int64_t{holder.container}}));
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
  const auto held = TF_TRY(load_holder(session, holder.serial, holder.container));
  if (held && held->state == "removing") return being_removed();
  const auto before = TF_TRY(load_container(session, holder.serial, holder.container));
  if (before && before->state == "made") return Error{Code::conflict, "cardsign.container_made", "it is on the card: assign makes another code for it"};
  if (!before && held) return Error{Code::conflict, "cardsign.assigned", "it is somebody's, and the manufacturer made it"};
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

Result<Removal> order_removal(Session& session, const std::string& serial, std::uint8_t container) {
  const auto card = TF_TRY(load_card(session, serial));
  if (!card) return Error{Code::not_found, "cardsign.no_card", "there is no card " + serial + " in the register"};
  if (card->withdrawn) return Error{Code::conflict, "cardsign.withdrawn", "the card was withdrawn"};
  const auto holder = TF_TRY(load_holder(session, serial, container));
  if (!holder) return Error{Code::not_found, "cardsign.no_container", "container " + std::to_string(container) + " of the card is nobody's"};
  Removal out{.user = holder->user, .waits = true, .again = holder->state == "removing", .certificates = TF_TRY(standing_certificates(session, *holder))};
  if (out.again) return out;
  const auto row = TF_TRY(load_container(session, serial, container));
  TF_TRY(session.execute("UPDATE cardsign_updates SET state = 'void' WHERE serial = $1 AND container = $2 AND state = 'waiting'", {string_view(serial), std::int64_t{container}}));
  TF_TRY(session.execute("DELETE FROM cardsign_certificates WHERE serial = $1 AND container = $2", {string_view(serial), std::int64_t{container}}));
  if (row && row->state == "ordered") {  // no session was about to make it
    out.waits = false;
    TF_CHECK(forget_holder(session, *holder));
    return out;
  }
  TF_TRY(session.execute("UPDATE cardsign_containers SET puk_kek = '', puk = $3 WHERE serial = $1 AND container = $2", {string_view(serial), std::int64_t{container}, ByteView()}));
  TF_TRY(session.execute("UPDATE cardsign_holders SET state = 'removing', code_hash = NULL WHERE serial = $1 AND container = $2", {string_view(serial), std::int64_t{container}}));
  return out;
}

Result<Removal> finish_removal(Session& session, const std::string& serial, std::uint8_t container) {
  const auto holder = TF_TRY(load_holder(session, serial, container));
  if (!holder || holder->state != "removing") return Removal{};
  Removal out{.user = holder->user, .certificates = TF_TRY(standing_certificates(session, *holder))};
  TF_CHECK(forget_holder(session, *holder));
  return out;
}

}  // namespace tf::platform
