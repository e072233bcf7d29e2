#include "terminal/cardsign/cardsign.hpp"

#include <memory>
#include <thread>

#include "net/client/client.hpp"
#include "terminal/cardsign/own_card.hpp"
#include "wire/json.hpp"

namespace tf::terminal {
namespace {

using namespace std::chrono_literals;

constexpr int kTries = 3;
constexpr int kRounds = 200;  // of one session; an enrolment of five keys takes a tenth of it

struct Told {
  std::string_view reason;
  const char* ours;
  const char* advice;
};
constexpr Told kTold[] = {
    {"session", "cardsign.refused_session", "the session is over; begin again"},
    {"superseded", "cardsign.refused_superseded", "another terminal or page took over; begin again here if that was not meant"},
    {"code", "cardsign.refused_code", "the enrolment code is wrong, used or too old; ask for another"},
    {"card", "cardsign.refused_card", "the card is unknown, withdrawn, or not this user's"},
    {"certificate", "cardsign.refused_certificate", "the card has no certificate that is good for this: apply for one, or have it renewed"},
    {"payment", "cardsign.refused_payment", "the payment is unknown, too old, another user's, or paid already"},
    {"signature", "cardsign.refused_signature", "the card's signature is not that of this payment"},
    {"pin_blocked", "cardsign.refused_pin_blocked", "the PIN is blocked; unblock it with the PUK: trustferry terminal cardsign unblock"},
    {"instrument", "cardsign.refused_instrument", "the user has no such payment card or account"},
};

Error refusal(const net::HttpResponse& response) {
  std::string reason;
  if (auto document = wire::JsonObject::parse(response.body)) reason = document->text("reason", 32).value_or("");
  for (const Told& told : kTold)
    if (told.reason == reason) return {Code::refused, told.ours, std::string("the platform refused: ") + told.advice};
  return {Code::refused, "cardsign.refused", "the platform refused"};
}

template <class T>
Result<T> expect(cardsign::Done done) {
  if (auto* found = std::get_if<T>(&done)) return std::move(*found);
  return Error{Code::malformed, "cardsign.done", "the session ended as another kind of session"};
}

}  // namespace

CardsignExchange cardsign_over(net::HttpClient client) {
  return [client = std::make_shared<net::HttpClient>(std::move(client))](const std::string& method, const std::string& target, const std::string& body) {
    // The platform gives the same answer to the same message.
    return client->request({.method = method, .target = target, .content_type = body.empty() ? "" : "application/json", .body = body, .headers = {},
                            .repeatable = true});
  };
}

void CardsignTerminal::say(std::string_view step) const {
  if (ports_.progress) ports_.progress(step);
}

// An answer that was lost is asked for again with the same message.
Result<std::string> CardsignTerminal::call(const std::string& method, const std::string& target, const std::string& body) {
  for (int attempt = 1;; ++attempt) {
    auto response = exchange_(method, target, body);
    const bool again = response ? response->status == 429 || response->status >= 500 : response.error().code == Code::unavailable;
    if (!again || attempt == kTries) {
      const auto& answer = TF_TRY(std::move(response));
      if (answer.status == 200) return answer.body;
      if (answer.status == 403) return refusal(answer);
      return net::from_problem(answer);
    }
    const auto pause = response ? std::chrono::seconds(net::retry_after_s(*response).value_or(1)) : 1s;
    if (ports_.wait) ports_.wait(pause);
    else std::this_thread::sleep_for(pause);
  }
}

Result<cardsign::SessionReply> CardsignTerminal::post(std::string_view route, const std::string& body) {
  return cardsign::decode_session_reply(TF_TRY(call("POST", "/cardsign/v1/" + std::string(route), body)));
}

Result<const cardsign::PlatformKeys*> CardsignTerminal::keys() {
  if (!keys_) keys_ = TF_TRY(cardsign::decode_platform_keys(TF_TRY(call("GET", "/cardsign/v1/keys", ""))));
  return &*keys_;
}

Result<Bytes> CardsignTerminal::show_and_ask(const cardsign::Display& display) {
  if (!ports_.ask_pin) return Error{Code::invalid, "cardsign.no_display", "there is nobody to show a payment to"};
  shown_ = TF_TRY(verify_display(display, *TF_TRY(keys()), ports_.trust, ports_.clock.now_ms()));
  const SecretBytes pin = TF_TRY(ports_.ask_pin(*shown_));
  return seal_pin_for(*shown_, pin);
}

Result<cardsign::RelayRequest> CardsignTerminal::next(const cardsign::SessionReply& reply) {
  cardsign::RelayRequest out{.session = reply.session, .step = reply.step};
  const auto* commands = std::get_if<cardsign::Commands>(&reply.next);
  if (commands == nullptr) {
    out.pin_envelope = TF_TRY(show_and_ask(std::get<cardsign::Display>(reply.next)));
    return out;
  }
  say("card");
  Carried carried = TF_TRY(carry_out(card_, commands->apdus));
  if (carried.gone) return std::move(*carried.gone);
  out.answers = std::move(carried.answers);
  return out;
}

Result<cardsign::Done> CardsignTerminal::run(std::string_view route, const std::string& body) {
  shown_.reset();
  cardsign::SessionReply reply = TF_TRY(post(route, body));
  for (int round = 0; round < kRounds; ++round) {
    if (auto* done = std::get_if<cardsign::Done>(&reply.next)) return std::move(*done);
    auto request = next(reply);
    if (!request) {  // the platform need not wait for a card that is gone, or a person who said no
      (void)exchange_("POST", "/cardsign/v1/relay", cardsign::encode(cardsign::RelayRequest{.session = reply.session, .step = reply.step, .removed = true}));
      return std::move(request).error();
    }
    say("platform");
    reply = TF_TRY(post("relay", cardsign::encode(*request)));
  }
  return Error{Code::malformed, "cardsign.endless", "the platform's session has no end"};
}

Result<cardsign::Enrolled> CardsignTerminal::enrol(const std::string& code) { return expect<cardsign::Enrolled>(TF_TRY(run("enrol", encode(cardsign::EnrolRequest{code})))); }

Result<cardsign::ResultClaim> CardsignTerminal::pay(const cardsign::PayRequest& request) {
  const auto paid = TF_TRY(expect<cardsign::Paid>(TF_TRY(run("pay", encode(request)))));
  if (!shown_) return verify_earlier_result(paid.result, TF_TRY(read_card_serial(card_)), *TF_TRY(keys()), ports_.trust, ports_.clock.now_ms());
  return verify_result(paid.result, *shown_, *TF_TRY(keys()), ports_.trust, ports_.clock.now_ms());
}

Result<cardsign::Updated> CardsignTerminal::update(const std::string& serial) {
  return expect<cardsign::Updated>(TF_TRY(run("update", encode(cardsign::UpdateRequest{serial}))));
}

Result<cardsign::Updated> CardsignTerminal::prove(const std::string& serial, const Bytes& proof) {
  return cardsign::decode_updated(TF_TRY(call("POST", "/cardsign/v1/proof", encode(cardsign::ProofRequest{serial, proof}))));
}

}  // namespace tf::terminal
