#include "platform/onboard/provisioning/management.hpp"

#include <fmt/format.h>

#include "base/log.hpp"
#include "dm/onboard_object.hpp"
#include "protocols/onboard/identity.hpp"

namespace tf::platform::provisioning {
namespace {

constexpr std::int64_t kRefusedReceipts = 8;  // then the account goes, until the operator delivers anew
enum Tag : std::uint64_t { envelope_tag = 1, install_tag, receipt_tag, item_tag };

std::string header(const wire::HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers)
    if (key == name) return value;
  return {};
}

wire::HttpResponse dm_reply(dm::Envelope out) {
  wire::HttpResponse response{.status = 200, .content_type = std::string(dm::kMediaType), .body = std::move(out.body), .headers = {}};
  if (!out.mac.empty()) response.headers.emplace_back(dm::kMacHeader, std::move(out.mac));
  return response;
}

Error nothing_for(const std::string& user, const std::string& server_id) {
  const auto account = onboard::parse_account_user(user);
  if (account && account->server_id != server_id)
    return Error{Code::refused, "onboard.other_account", "the account of " + account->server_id + " for delivery " + account->delivery + ", shown to " + server_id};
  return Error{Code::refused, "onboard.no_delivery", "there is nothing for this account"};
}

}  // namespace

Result<dm::ServerSettings> Management::settings_of(const Row& row, std::string session) {
  if (!row.account) return Error{Code::refused, "onboard.delivery_closed", "the delivery is closed"};
  const onboard::Account account = TF_TRY(onboard::decode_account(TF_TRY(opened_.vault->open_record(*row.account, account_row(row.delivery)))));
  return dm::ServerSettings{.server_uri = opened_.settings.provisioning.server_id, .device_uri = row.dsim_id,
                            .server = TF_TRY(dm::make_credential(opened_.settings.provisioning.server_id, account.server_password)),
                            .device = TF_TRY(dm::make_credential(account.user, account.password)), .session = std::move(session)};
}

// The one under way, or a new one where there is none or the device began anew; read: the message, where it had to be looked at.
Result<std::shared_ptr<DmSession>> Management::session_for(const std::string& user, const dm::Envelope& in, bool fresh, std::optional<dm::Message>& read) {
  if (!fresh)
    if (auto found = sessions_.find(user)) return found;
  if (!read) read = TF_TRY(dm::decode(in.body));
  const dm::Message& message = *read;
  std::optional<Row> row;
  TF_CHECK(opened_.database->read([&](store::Session& session) -> Status {
    row = TF_TRY(load_by_user(session, user));
    return {};
  }));
  if (!row) return nothing_for(user, opened_.settings.provisioning.server_id);
  auto settings = TF_TRY(settings_of(*row, message.header.session));
  auto made = std::make_shared<DmSession>(std::move(*row), message.header.session, std::move(settings));
  sessions_.put(user, made, opened_.clock->now_ms());
  return made;
}

Result<dm::Envelope> Management::exchange(const dm::Envelope& in, std::string& subject) {
  // Who it is, as it says: by its MAC, or in the header where there is none yet.
  std::optional<dm::Message> read;
  if (in.mac.empty()) read = TF_TRY(dm::decode(in.body));
  const std::string user = read ? read->header.source_name : TF_TRY(dm::claimed_name(in.mac));
  if (onboard::parse_account_user(user)) subject = user;
  for (bool fresh = false;; fresh = true) {
    const auto session = TF_TRY(session_for(user, in, fresh, read));
    const std::lock_guard turn(session->turn);
    subject = session->row.dsim_id;
    auto received = session->dm.receive(in, opened_.random, read ? &*read : nullptr);
    const std::string_view reason = received ? "" : received.error().reason;
    if (!fresh && (reason == "dm.session_over" || (reason == "dm.other_session" && TF_TRY(dm::decode(in.body)).header.session != session->session_id))) continue;
    auto reply = received ? answer(*session, *received) : Result<dm::Envelope>(received.error());
    // What could not be kept has not happened: the session remembers the message as taken and would answer its repetition, so it goes, and the
    // device is challenged anew.
    if (!reply && (received || session->dm.over())) sessions_.drop(user, session);
    if (reply && session->dm.over()) sessions_.end(user, session, opened_.clock->now_ms());
    return reply;
  }
}

Result<dm::Envelope> Management::answer(DmSession& session, const dm::Received& received) {
  TF_CHECK(act(session, received));
  auto reply = TF_TRY(session.dm.reply());
  for (const dm::Done& done : reply.unsent) log::warn(fmt::format("onboard: task {} did not reach {}: {}", done.tag, session.row.dsim_id, done.code));
  return std::move(reply.message);
}

// What a message brought: the next tasks are ordered, or the receipt taken. Nonces live in the session; what the database keeps is made
// useless once, when the device proved itself: after a restart nothing that was sent before is authentic, and the device is challenged.
Status Management::act(DmSession& session, const dm::Received& received) {
  if (received.repeated) return {};
  if (received.authentic && !session.ordered && !received.aborted) {
    const dm::Nonces burnt{received.store ? received.store->send : session.row.nonces.send, dm::new_nonce(opened_.random)};
    TF_CHECK(opened_.database->write([&](store::Session& writes) { return keep_nonces(writes, session.row.delivery, burnt); }));
    const Status ordered = order_installation(session);
    // Nothing to install now: the session ends, and the device comes again.
    if (!ordered) log::warn("onboard: no envelope for " + session.row.dsim_id + ": " + describe(ordered.error()));
  }
  for (const dm::Done& done : received.done) {
    if (done.tag == receipt_tag && done.value) TF_CHECK(take_receipt(session, std::string(as_text(done.value->data))));
    else if (!dm::code::good(done.code)) log::warn(fmt::format("onboard: {} answers {} to task {} of its delivery", session.row.dsim_id, done.code, done.tag));
  }
  return {};
}

Status Management::order_installation(DmSession& session) {
  session.ordered = true;
  OnboardLine* line = operators_.of(session.row.credentialing);
  if (line == nullptr) return Error{Code::unavailable, "onboard.no_such_peer", session.row.credentialing};
  if (session.row.state == state::waiting) {
    const SecretBytes said = TF_TRY(line->post("envelope", onboard::encode_envelope_request(session.row.delivery)));
    const Bytes envelope = TF_TRY(onboard::decode_envelope(as_text(said.reveal())));
    TF_CHECK(session.dm.push({.tag = envelope_tag, .verb = dm::Verb::replace, .uri = std::string(dm::onboard_object::kEnvelope), .value = {"xml", "application/xml", envelope}}));
    for (const onboard::Item& item : session.row.items)
      TF_CHECK(session.dm.push({.tag = item_tag, .verb = dm::Verb::replace, .uri = dm::onboard_object::item(item.name), .value = {"b64", item.type, item.data}}));
    TF_CHECK(session.dm.push({.tag = install_tag, .verb = dm::Verb::exec, .uri = std::string(dm::onboard_object::kInstall)}));
  }
  return session.dm.push({.tag = receipt_tag, .verb = dm::Verb::get, .uri = std::string(dm::onboard_object::kReceipt), .only_after_good = session.row.state == state::waiting});
}

// To the operator at once; kept where he is silent. Until either stands the device has no answer, and would say it again.
Status Management::take_receipt(DmSession& session, const std::string& receipt) {
  session.row.receipt = receipt;
  const OnboardLine* line = operators_.of(session.row.credentialing);
  const Status carried = line != nullptr && line->silent_lately() ? Status(Error{Code::unavailable, "onboard.silent", line->peer().name + " was silent lately"}) : carry(session.row);
  if (carried) return {};
  log::warn("onboard: the receipt of " + session.row.dsim_id + " waits: " + describe(carried.error()));
  session.row.state = state::delivered;
  return opened_.database->write([&](store::Session& writes) -> Status {
    TF_CHECK(keep_receipt(writes, session.row.delivery, receipt, opened_.clock->now_ms()));
    return append_act(opened_, writes, {"device:" + session.row.dsim_id, "onboard.delivered", session.row.dsim_id, fmt::format("{{\"delivery\":\"{}\"}}", session.row.delivery)});
  });
}

// A receipt that the operator refuses proves nothing: whoever brought it, the delivery waits for its device again.
Status Management::carry(const Row& row) {
  OnboardLine* line = operators_.of(row.credentialing);
  if (line == nullptr) return Error{Code::unavailable, "onboard.no_such_peer", row.credentialing};
  const auto answer = line->post("receipt", onboard::encode_receipt(row.receipt));
  if (!answer && answer.error().code == Code::unavailable) return answer.error();
  const bool good = answer && onboard::decode_result(as_text(answer->reveal()), "closed");
  TF_CHECK(opened_.database->write([&](store::Session& writes) -> Status {
    const std::int64_t now = opened_.clock->now_ms();
    if (good) TF_CHECK(close(writes, row.delivery, now));
    else TF_CHECK(refuse_receipt(writes, row.delivery, kRefusedReceipts, now));
    return append_act(opened_, writes, {"system", good ? "onboard.receipt_carried" : "onboard.receipt_refused", row.dsim_id, fmt::format("{{\"delivery\":\"{}\"}}", row.delivery)});
  }));
  if (!good) log::warn("onboard: the operator refuses the receipt of " + row.dsim_id);
  return {};
}

void Management::carry_receipts(std::int64_t now_ms) {
  for (const auto& line : operators_.all()) {
    const std::string& name = line->peer().name;
    if (line->silent_lately()) continue;
    std::vector<Row> rows;
    (void)opened_.database->read([&](store::Session& session) -> Status {
      rows = TF_TRY(due(session, state::delivered, now_ms, 100, name));
      return {};
    }).has_value();
    for (const Row& row : rows) {
      if (carry(row)) continue;
      const std::int64_t next = now_ms + (1000LL << std::min<std::int64_t>(row.tries, 9));
      (void)opened_.database->write([&](store::Session& session) { return postpone(session, row.delivery, next); }).has_value();
      break;
    }
  }
}

wire::HttpResponse Management::handle(const wire::HttpRequest& request) {
  std::string subject;
  Result<dm::Envelope> answer = Error{Code::invalid, "onboard.content_type", "messages of OMA DM are " + std::string(dm::kMediaType)};
  if (request.content_type == dm::kMediaType) answer = exchange({request.body, header(request, dm::kMacHeader)}, subject);
  if (answer) return dm_reply(std::move(*answer));
  opened_.metrics.counter("trustferry_onboard_refusals_total", "Messages refused", {{"route", "dm"}}).add();
  opened_.refusals->record({"onboard.dm", std::move(subject), answer.error()});
  return net::to_problem(answer.error());
}

}  // namespace tf::platform::provisioning
