// CardsignService: steps 501–512.
#include "base/log.hpp"
#include "platform/cardsign/service.hpp"
#include "wire/encoding.hpp"
#include "wire/json.hpp"

namespace tf::platform {
namespace {

constexpr std::int64_t kAlarmingCodes = 5;

Error wrong() { return {Code::refused, "cardsign.wrong_code", "no card waits for this code"}; }

}  // namespace

void CardsignService::enrol(const std::string& body, Reply reply) {
  const auto request = cardsign::decode_enrol_request(body);
  if (!request) return refuse("cardsign.enrol", "", request.error(), reply);
  const Hash256 hash = enrolment_code_hash(request->code);
  std::optional<Holder> holder;
  std::vector<std::uint8_t> removals;
  if (const Status read = context_.database.read([&](store::Session& session) -> Status {
        holder = TF_TRY(load_holder_by_code(session, hash));
        if (holder) removals = TF_TRY(load_removals(session, holder->serial));
        return {};
      }); !read) return refuse("cardsign.enrol", request->serial, read.error(), reply);
  if (!holder || (!request->serial.empty() && holder->serial != request->serial)) return wrong_code(request->serial, std::move(reply));
  if (context_.clock.now_ms() >= holder->code_ends_ms)
    return refuse("cardsign.enrol", holder->serial, {Code::refused, "cardsign.code_expired", "the code's time is over"}, reply);
  auto session = begin_session();
  if (!session) return refuse("cardsign.enrol", holder->serial, session.error(), reply);
  CardSession& it = **session;
  it.work->holder = *holder;
  it.work->code_hash = hash;
  it.serial = holder->serial;
  it.user = holder->user;
  it.waiting.push_back(std::move(reply));
  sessions_.take(it.serial, *session);
  it.work->machine.emplace<cardsign::EnrolmentSession>(settings_.policy, holder->serial);
  remove_first(*session, std::move(removals), [this](const CardSessionPtr& begun) { proceed(begun, std::get<cardsign::EnrolmentSession>(begun->work->machine).begin()); });
}

// Counted for the card that was named; the fifth is alarmed.
void CardsignService::wrong_code(const std::string& serial, Reply reply) {
  refused_.add();
  store::WriteFn count;
  if (!serial.empty()) {
    count = [this, serial, now = context_.clock.now_ms(), id = wire::hex_lower(context_.random.array<16>())](store::Session& session) -> Status {
      if (TF_TRY(count_wrong_code(session, serial)) != kAlarmingCodes) return {};
      alarms_.add();
      return raise_cardsign_alarm(session, id, "too_many_codes", serial, "", "", now);
    };
  }
  refusals_.record({"cardsign.enrol", serial, wrong()}, std::move(count));
  reply(wrong());
}

void CardsignService::proceed(const CardSessionPtr& session, Result<cardsign::EnrolmentSession::Next> next) {
  if (!next) return refuse(session, next.error());
  if (auto* commands = std::get_if<cardsign::Commands>(&*next)) return answer(session, std::move(*commands));
  if (auto* done = std::get_if<cardsign::Enrolled>(&*next)) return answer(session, cardsign::Done(std::move(*done)));
  if (auto* wanted = std::get_if<cardsign::CertificateWanted>(&*next)) return certify(session, std::move(*wanted));
  if (auto* slot = std::get_if<cardsign::SlotStored>(&*next)) return stored(session, *slot);
  if (std::holds_alternative<cardsign::ContainerWanted>(*next)) return intend_container(session);
  if (std::holds_alternative<cardsign::ContainerMade>(*next)) return note_container(session);
  auto snapshot = enrolment_of(*session);
  if (!snapshot) return refuse(session, snapshot.error());
  proceed(session, std::get<cardsign::EnrolmentSession>(session->work->machine).found(std::move(*snapshot), ports_));
}

Result<cardsign::EnrolmentSnapshot> CardsignService::enrolment_of(const CardSession& session) const {
  cardsign::EnrolmentSnapshot out;
  std::optional<StoredCard> card;
  std::optional<Holder> holder;
  std::vector<SlotRow> slots;
  std::optional<ContainerRow> container;
  TF_CHECK(context_.database.read([&](store::Session& rows) -> Status {
    card = TF_TRY(load_card(rows, session.work->holder.serial));
    holder = TF_TRY(load_holder_by_code(rows, session.work->code_hash));
    slots = TF_TRY(load_slots(rows, session.work->holder.serial));
    container = TF_TRY(load_container(rows, session.work->holder.serial, session.work->holder.container));
    return {};
  }));
  if (!card) return Error{Code::refused, "cardsign.no_card", "the card is not in the register"};
  if (!holder) return Error{Code::refused, "cardsign.code_used", "the code was used up or withdrawn meanwhile"};
  out.card = {.serial = card->serial, .user = holder->user, .container = holder->container, .withdrawn = card->withdrawn, .factory = card->factory, .channel = card->channel,
              .preset = card->preset};
  out.keys = TF_TRY(register_.scp03_keys(*card));
  out.manufacturers = TF_TRY(register_.manufacturer_roots());
  for (const SlotRow& slot : slots)
    if (slot.stored && slot.container == holder->container) out.stored.push_back({slot.slot, slot.der});
  if (container && container->state != "made")
    out.container = {.puk = TF_TRY(register_.puk(card->serial, holder->container, *container)), .intended = container->state == "intended"};
  return out;
}

// Written down before the card hears of it: if the answer is lost, one that is there is known to be ours.
void CardsignService::intend_container(const CardSessionPtr& session) {
  context_.database.write_async(
      [session, now = context_.clock.now_ms()](store::Session& rows) { return platform::intend_container(rows, session->work->holder, session->work->code_hash, now); },
      [this, session](const Status& written) {
        if (!written) return refuse(session, written.error());
        proceed(session, std::get<cardsign::EnrolmentSession>(session->work->machine).intended(ports_));
      });
}

void CardsignService::note_container(const CardSessionPtr& session) {
  context_.database.write_async(
      [this, session, now = context_.clock.now_ms()](store::Session& rows) -> Status {
        TF_CHECK(finish_container(rows, session->work->holder, session->work->code_hash, now));
        wire::JsonWriter detail;
        detail.begin_object().member("user", session->user).member("container", std::int64_t{session->work->holder.container}).end_object();
        return context_.trail.append(rows, {.at_ms = now, .actor = "card:" + session->serial, .action = "cardsign.container_made", .subject = session->serial,
                                            .outcome = audit::Outcome::accepted, .reason = "", .detail = detail.take()});
      },
      [this, session](const Status& written) {
        if (!written) return refuse(session, written.error());
        proceed(session, std::get<cardsign::EnrolmentSession>(session->work->machine).noted(ports_));
      });
}

void CardsignService::certify(const CardSessionPtr& session, cardsign::CertificateWanted wanted) {
  ca::IssueRequest request{.profile = std::string(cardsign::profile_of(wanted.slot, wanted.key.kind())), .holder = card_holder(session->serial),
                           .names = {.subject = {{"commonName", session->user}, {"serialNumber", session->serial}}, .alternative = {}}, .key = std::move(wanted.key),
                           .actor = "card:" + session->serial};
  parts_.authority.issue(std::move(request), [this, session, slot = wanted.slot](Result<ca::Issued> done) {
    if (!done) return refuse(session, done.error());
    issued(session, slot, *done);
  });
}

// What was issued for the slot before is worth nothing any more, whether it reached the card or not.
void CardsignService::issued(const CardSessionPtr& session, cardsign::Slot slot, const ca::Issued& certificate) {
  session->work->issued = {.slot = slot, .container = session->work->holder.container, .certificate_serial = certificate.serial_hex, .der = certificate.der, .stored = false};
  const auto before = std::make_shared<std::string>();
  context_.database.write_async(
      [session, before, now = context_.clock.now_ms()](store::Session& rows) -> Status {
        *before = TF_TRY(put_issued(rows, session->work->holder, session->work->code_hash, session->work->issued, now));
        return {};
      },
      [this, session, before](const Status& written) {
        if (!written) {
          replace({session->work->issued.certificate_serial});
          return refuse(session, written.error());
        }
        if (!before->empty()) replace({*before});
        proceed(session, std::get<cardsign::EnrolmentSession>(session->work->machine).certified(session->work->issued.der));
      });
}

void CardsignService::replace(const std::vector<std::string>& certificates) {
  for (const std::string& serial : certificates) {
    if (serial.empty()) continue;
    parts_.authority.revoke(serial, pki::RevocationReason::superseded, "cardsign", [serial](Result<ca::Record> done) {
      if (!done && done.error().code != Code::conflict) log::error("certificate " + serial + " could not be revoked: " + describe(done.error()));
    });
  }
}

void CardsignService::stored(const CardSessionPtr& session, const cardsign::SlotStored& slot) {
  context_.database.write_async(
      [this, session, last = slot.last, now = context_.clock.now_ms()](store::Session& rows) -> Status {
        TF_CHECK(put_stored(rows, session->work->holder, session->work->code_hash, session->work->issued, last, now));
        wire::JsonWriter detail;
        detail.begin_object().member("user", session->user).member("slot", name_of(session->work->issued.slot)).member("certificate", session->work->issued.certificate_serial).end_object();
        return context_.trail.append(rows, {.at_ms = now, .actor = "card:" + session->serial, .action = last ? "cardsign.enrolled" : "cardsign.stored", .subject = session->serial,
                                            .outcome = audit::Outcome::accepted, .reason = "", .detail = detail.take()});
      },
      [this, session, last = slot.last](const Status& written) {
        if (!written) return refuse(session, written.error());
        if (last) enrolled_.add();
        proceed(session, std::get<cardsign::EnrolmentSession>(session->work->machine).kept(ports_));
      });
}

}  // namespace tf::platform
