// CardsignService: further persons' containers off the card. It is the platform's business with the card and nobody's in front of it, so any session will do.
#include "platform/cardsign/service.hpp"
#include "wire/json.hpp"

namespace tf::platform {

void CardsignService::remove_first(const CardSessionPtr& session, std::vector<std::uint8_t> containers, std::function<void(const CardSessionPtr&)> then) {
  if (containers.empty()) return then(session);
  std::optional<StoredCard> card;
  if (const Status read = context_.database.read([&](store::Session& rows) -> Status {
        card = TF_TRY(load_card(rows, session->serial));
        return {};
      }); !read) return refuse(session, read.error());
  if (!card) return refuse(session, {Code::refused, "cardsign.no_card", "the card is not in the register"});
  auto keys = register_.scp03_keys(*card);
  if (!keys) return refuse(session, keys.error());
  session->work->then = std::move(then);
  proceed(session, session->work->removal.emplace(session->serial, std::move(*keys), std::move(containers)).begin());
}

void CardsignService::proceed(const CardSessionPtr& session, Result<cardsign::RemovalSession::Next> next) {
  if (!next) return refuse(session, next.error());
  if (auto* commands = std::get_if<cardsign::Commands>(&*next)) return answer(session, std::move(*commands));
  if (const auto* removed = std::get_if<cardsign::ContainerRemoved>(&*next)) return note_removal(session, removed->container);
  session->work->removal.reset();
  std::exchange(session->work->then, {})(session);
}

// A certificate that was under way when the operator took the person off the card is revoked now, if it was not.
void CardsignService::note_removal(const CardSessionPtr& session, std::uint8_t container) {
  const std::string actor = "card:" + session->serial;
  parts_.authority.revoke_chosen(
      [this, session, container, actor, now = context_.clock.now_ms()](store::Session& rows) -> Result<std::vector<std::string>> {
        Removal removal = TF_TRY(finish_removal(rows, session->serial, container));
        if (removal.user.empty()) return std::vector<std::string>();  // a session before this one did, and its answer was lost
        wire::JsonWriter detail;
        detail.begin_object().member("user", removal.user).member("container", std::int64_t{container}).end_object();
        TF_CHECK(context_.trail.append(rows, {.at_ms = now, .actor = actor, .action = "cardsign.container_removed", .subject = session->serial,
                                              .outcome = audit::Outcome::accepted, .reason = "", .detail = detail.take()}));
        return std::move(removal.certificates);
      },
      pki::RevocationReason::cessation_of_operation, actor, [this, session](const Result<std::int64_t>& done) {
        if (!done) return refuse(session, done.error());
        proceed(session, session->work->removal->noted());
      });
}

}  // namespace tf::platform
