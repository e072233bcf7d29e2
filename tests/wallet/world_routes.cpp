// The platform loop in memory: open, snapshot, step, writes, speak.
#include <fmt/format.h>

#include "tests/wallet/world.hpp"

namespace tf::wallet::test {

ActivateSnapshot World::activate_snapshot(const std::string& id) const {
  ActivateSnapshot out{.policy = policy, .registration = {}, .active = {}, .approved = approvals.contains(id)};
  const auto found = registrations.find(id);
  if (found == registrations.end()) return out;
  out.registration = found->second.clone();
  for (const auto& [other, one] : registrations)
    if (one.state == RegistrationState::active && one.subscriber.number == found->second.subscriber.number) out.active = other;
  return out;
}

Result<std::string> World::on_activate(const std::string& body) {
  const OpenedActivate request = TF_TRY(open_activate(body, ports));
  const std::string& id = request.content.registration;
  Step step = TF_TRY(activate(request, activate_snapshot(id), ports));
  const auto wanted = step.certificate;
  const std::string reply = TF_TRY(settle(std::move(step)));
  if (!wanted) return reply;
  ++issued;
  const auto certificate = authority.issue(wanted->number, TF_TRY(crypto::PublicKey::from_spki(wanted->spki)));
  return settle(TF_TRY(finish_activate(request, activate_snapshot(id), certificate, ports)));
}

void World::run_jobs() {
  for (const std::string& id : std::exchange(files_wanted, {})) {
    const auto snapshot = activate_snapshot(id);
    if (snapshot.registration->state != RegistrationState::preparing) continue;
    if (!pool) pool = crypto::PrivateKey::generate_rsa(2048);
    const crypto::PrivateKey& key = *pool;
    ++issued;
    const auto certificate = authority.issue(snapshot.registration->subscriber.number, key.public_key());
    (void)settle(must(make_file(snapshot, key, certificate, ports)));  // a refusal: it waits
  }
}

Result<std::string> World::on_pay(const std::string& body) {
  const OpenedPay request = TF_TRY(open_pay(body));
  PaySnapshot snapshot{.policy = policy, .session = session(request.session()), .active = false, .booked = {}, .instrument = {}};
  snapshot.active = is_active(snapshot.session);
  if (snapshot.session != nullptr) {
    const auto found = orders.find({snapshot.session->registration, request.order});
    if (found != orders.end()) snapshot.booked = found->second.booked;
    const Means means = TF_TRY(means_of(request, *snapshot.session, ports));
    snapshot.gateway = gateways.contains(means.gateway);
    const auto instrument = instruments.find(means.instrument);
    if (instrument != instruments.end()) snapshot.instrument = instrument->second;
  }
  Step step = TF_TRY(pay(request, snapshot, ports));
  if (!step.writes.order) return settle(std::move(step));
  const Order order = *step.writes.order;
  TF_TRY(settle(std::move(step)));
  const bool direct = !order.terms.gateway.empty();
  Booked booked{order.request, transaction(), direct ? Outcome::pending : front_end, order.terms.amount, 0, order.terms.currency, direct ? "tn1" : ""};
  executed += !direct && front_end == Outcome::approved ? 1 : 0;
  orders.insert_or_assign({order.registration, order.terms.order}, Paid{order, booked});
  return result_of(booked, order.terms.order, "", ports);
}

// The same number twice is the same card.
Result<std::string> World::on_instruments(const std::string& body) {
  const InstrumentRequest request = TF_TRY(decode_instrument_request(body));
  const Session* const here = session(request.session);
  auto step = TF_TRY(tf::wallet::instruments(request, {.policy = policy, .session = here, .active = is_active(here)}, ports));
  Writes writes;
  writes.once.push_back(step.once);
  TF_CHECK(perform(writes));
  const auto mine = [&](const Enrolled& each) { return each.registration == here->registration && !each.closed; };
  const std::string number(as_text(step.order.number.reveal()));
  if (step.order.act == InstrumentAct::enrol && std::ranges::none_of(enrolled, [&](const Enrolled& each) { return mine(each) && each.number == number; }))
    enrolled.push_back({here->registration, step.order.wallet, number, step.order.expiry, fmt::format("token-{}", enrolled.size())});
  if (step.order.act == InstrumentAct::close) {
    const auto found = std::ranges::find_if(enrolled, [&](const Enrolled& each) { return mine(each) && each.token == step.order.token; });
    if (found == enrolled.end()) return Error{Code::not_found, "wallet.no_instrument", "none"};
    found->closed = true;
  }
  std::vector<InstrumentView> views;
  for (const Enrolled& each : enrolled)
    if (mine(each)) views.push_back({each.token, each.wallet, each.number.substr(0, 6) + "***"});
  return instruments_answer(step, *here, views, ports);
}

Result<std::string> World::on_inquiry(const OpenedInquiry& request) {
  InquirySnapshot snapshot{.policy = policy, .session = session(request.session()), .active = false, .booked = {}, .refund = {}};
  snapshot.active = is_active(snapshot.session);
  const bool is_query = request.purpose == ChallengePurpose::query;
  if (snapshot.session != nullptr) {
    const auto order = orders.find({snapshot.session->registration, request.order});
    if (order != orders.end()) snapshot.booked = order->second.booked;
    if (!request.returned().empty()) brought.push_back(request.returned());
    const auto given = refunds.find({snapshot.session->registration, request.refund});
    if (!is_query && given != refunds.end()) snapshot.refund = given->second.booked;
  }
  Step step = TF_TRY(is_query ? query(request, snapshot, ports) : refund(request, snapshot, ports));
  if (!step.writes.refund) return settle(std::move(step));
  const RefundOrder given = *step.writes.refund;
  TF_TRY(settle(std::move(step)));
  Paid& paid = orders.at({given.registration, given.order});
  paid.booked.refunded += given.amount;
  const Booked booked{given.request, transaction(), Outcome::refunded, given.amount, paid.booked.refunded, paid.booked.currency, {}};
  refunds.insert_or_assign({given.registration, given.refund}, GivenBack{given, booked});
  return result_of(booked, given.order, given.refund, ports);
}

Result<std::string> World::dispatch(std::string_view route, const std::string& body) {
  if (route == "keys") return keys();
  if (route == "challenge") return challenge(body, ports);
  if (route == "register") {
    const OpenedRegister request = TF_TRY(open_register(body, ports));
    const auto lately = std::ranges::count_if(registrations, [&](const auto& entry) {
      return entry.second.subscriber.number == request.content.subscriber.number && entry.second.created_ms > clock.now_ms() - 3'600'000;
    });
    return settle(TF_TRY(registration_of(request, {policy, static_cast<int>(lately)}, ports)));
  }
  if (route == "activate") return on_activate(body);
  if (route == "registration") {
    const OpenedFileRequest request = TF_TRY(open_file_request(body, ports));
    return settle(TF_TRY(file_answer(request, activate_snapshot(request.request.registration), ports)));
  }
  if (route == "login") {
    const OpenedLogin request = TF_TRY(open_login(body, ports));
    LoginSnapshot snapshot{.policy = policy, .user = {}};
    if (active_of(request.number) == 1) snapshot.user = user_of(request.number).clone();
    return settle(TF_TRY(login(request, snapshot, ports)));
  }
  if (route == "pay") return on_pay(body);
  if (route == "instruments") return on_instruments(body);
  if (route == "query") return on_inquiry(TF_TRY(open_query(body)));
  if (route == "refund") return on_inquiry(TF_TRY(open_refund(body)));
  return Error{Code::not_found, "wallet.no_such_route", "there is nothing at this path"};
}

}  // namespace tf::wallet::test
