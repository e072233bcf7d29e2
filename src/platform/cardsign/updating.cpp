// CardsignService: renewal over the air.
#include "platform/cardsign/service.hpp"

namespace tf::platform {

void CardsignService::update(const std::string& body, Reply reply) {
  const auto request = cardsign::decode_update_request(body);
  if (!request) return refuse("cardsign.update", "", request.error(), reply);
  bool waits = false;
  std::vector<std::uint8_t> removals;
  if (const Status read = context_.database.read([&](store::Session& rows) -> Status {
        if (!TF_TRY(load_card(rows, request->serial))) return Error{Code::refused, "cardsign.no_card", "the card is not in the register"};
        waits = !TF_TRY(load_updates(rows, request->serial, 1)).empty();
        removals = TF_TRY(load_removals(rows, request->serial));
        return {};
      }); !read) return refuse("cardsign.update", request->serial, read.error(), reply);
  auto session = begin_session();
  if (!session) return refuse("cardsign.update", request->serial, session.error(), reply);
  (*session)->serial = request->serial;
  (*session)->waiting.push_back(std::move(reply));
  if (waits || !removals.empty()) sessions_.take(request->serial, *session);
  remove_first(*session, std::move(removals), [this, waits](const CardSessionPtr& it) {
    waits ? send_updates(it) : answer(it, cardsign::Done(cardsign::Updated{0}));
  });
}

// Counters are reserved durably before a packet exists: none is ever used twice, whatever becomes of the session.
void CardsignService::send_updates(const CardSessionPtr& session) {
  struct Held {
    cardsign::UpdateSnapshot at;
    std::optional<StoredCard> card;
  };
  const auto held = std::make_shared<Held>();
  context_.database.write_async(
      [session, held](store::Session& rows) -> Status {
        held->card = TF_TRY(load_card(rows, session->serial));
        if (!held->card) return Error{Code::refused, "cardsign.no_card", "the card is not in the register"};
        held->at.card = {.serial = session->serial, .user = {}, .withdrawn = held->card->withdrawn, .factory = {}, .channel = {}};
        held->at.waiting = TF_TRY(load_updates(rows, session->serial, cardsign::kMostUpdates));
        held->at.first_counter = TF_TRY(reserve_counters(rows, session->serial, held->at.waiting.size()));
        return {};
      },
      [this, held, it = session](const Status& written) {
        if (!written) return refuse(it, written.error());
        auto keys = register_.ota_keys(*held->card);
        if (!keys) return refuse(it, keys.error());
        held->at.keys = std::move(*keys);
        auto machine = cardsign::UpdateSession::make(std::move(held->at));
        if (!machine) return refuse(it, machine.error());
        auto next = it->work->machine.emplace<cardsign::UpdateSession>(std::move(*machine)).begin();
        if (!next) return refuse(it, next.error());
        *next ? answer(it, std::move(**next)) : answer(it, cardsign::Done(cardsign::Updated{0}));
      });
}

void CardsignService::updated(const CardSessionPtr& session, const std::vector<Bytes>& answers) {
  auto* machine = std::get_if<cardsign::UpdateSession>(&session->work->machine);
  if (machine == nullptr) return refuse(session, {Code::refused, "cardsign.step", "not what this session waits for"});
  auto outcome = machine->answered(answers);
  if (!outcome) return refuse(session, outcome.error());
  if (outcome->done.empty()) {
    return refuse(session, outcome->refused.value_or(Error{Code::refused, "cardsign.answers", "nothing was proved"}));
  }
  struct Held {
    cardsign::UpdateSession::Outcome outcome;
    std::vector<std::string> replaced;
  };
  const auto held = std::make_shared<Held>(Held{std::move(*outcome), {}});
  context_.database.write_async(
      [this, session, held, now = context_.clock.now_ms()](store::Session& rows) -> Status {
        held->replaced.clear();
        for (const std::string& id : held->outcome.done) held->replaced.push_back(TF_TRY(finish_update(rows, id, now)));
        return context_.trail.append(rows, {.at_ms = now, .actor = "card:" + session->serial, .action = "cardsign.updated", .subject = session->serial,
                                            .outcome = audit::Outcome::accepted, .reason = "", .detail = "{\"count\":" + std::to_string(held->outcome.done.size()) + "}"});
      },
      [this, session, held](const Status& written) {
        if (!written) return refuse(session, written.error());
        replace(held->replaced);
        for (std::size_t i = 0; i < held->outcome.done.size(); ++i) updates_.add();
        // The rest still waits: it is tried again in the next session.
        if (held->outcome.refused) refusals_.record({"cardsign.update", session->serial, *held->outcome.refused}, alarm_of(*held->outcome.refused, session->serial, session->user, ""));
        answer(session, cardsign::Done(cardsign::Updated{static_cast<std::int64_t>(held->outcome.done.size())}));
      });
}

}  // namespace tf::platform
