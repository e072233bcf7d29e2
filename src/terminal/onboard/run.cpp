// The loop: what stands next, what is tried again, and what ends it.
#include "terminal/onboard/run.hpp"

namespace tf::terminal {
namespace {

constexpr int kMostTurns = 64;
constexpr int kMostAgain = 3;

bool is(const Error& error, std::string_view reason) { return reason == error.reason; }

std::set<std::string> names_of(const std::vector<OnboardProfile::Server>& servers) {
  std::set<std::string> out;
  for (const auto& each : servers) out.insert(each.name);
  return out;
}

}  // namespace

OnboardDevice::Run::Run(OnboardDevice& of, const OnboardRun& wanted, OnboardWeb with, onboard::DeviceState from)
    : device(of), options(wanted), web(std::move(with)), patience(of.ports_.clock, wanted.total, of.ports_.wait), verifier({of.root_}),
      ports{.clock = of.ports_.clock, .random = of.ports_.random, .verifier = verifier, .module = *of.module_,
            .registration_servers = names_of(of.profile_.registration), .operators = {of.profile_.operators.begin(), of.profile_.operators.end()}},
      state(std::move(from)) {}

Result<std::unique_ptr<OnboardDevice::Run>> OnboardDevice::Run::begin(OnboardDevice& device, const OnboardRun& options) {
  auto out = std::make_unique<Run>(device, options, TF_TRY(OnboardWeb::create(device.root_, options.patience)), TF_TRY(onboard::load_state(*device.module_)));
  if (!options.listen.empty()) out->notices = std::make_unique<OnboardNotices>(TF_TRY(OnboardNotices::open(options.listen)));
  return out;
}

void OnboardDevice::Run::say(std::string_view step, const std::string& what) const {
  if (device.ports_.progress) device.ports_.progress(step, what);
}

Status OnboardDevice::Run::durable(std::string_view point) {
  if (!device.ports_.durable) return {};
  Status out = device.ports_.durable(point);
  if (!out) stopped = out.error();
  return out;
}

Status OnboardDevice::Run::keep(onboard::DeviceState next, std::string_view point) {
  TF_CHECK(onboard::save_state(*device.module_, next));
  if (next.stage > state.stage) patience.eased();  // the same stage once more is no way forward: a delivery that always fails is not hurried
  state = std::move(next);
  return durable(point);
}

Status OnboardDevice::Run::one_step() {
  using onboard::Stage;
  const bool held = device.module_->credential(module::Slot::subscription).has_value();
  if ((state.stage == Stage::stored || state.stage == Stage::subscribed) && !held)
    return Error{Code::integrity, "terminal.no_credential", "the subscription is gone from the module: terminal onboard reset"};
  switch (state.stage) {
    case Stage::preliminary:
      TF_CHECK(access());
      return refer();
    case Stage::referred:
    case Stage::ready:
      if (onboard::already_held(state, *device.module_)) {
        say("stored", "the credential was stored before");
        return keep(TF_TRY(onboard::receipt_of_held(state, ports)), "stored");
      }
      TF_CHECK(access());
      if (refer_again) return refer();
      TF_CHECK(ask());
      return deliver();
    case Stage::stored: return hand_receipt();
    case Stage::subscribed: return first_use();
  }
  return Error{Code::internal, "onboard.stage", "no such stage"};
}

Status OnboardDevice::Run::all() {
  for (int turn = 0; turn < kMostTurns; ++turn) {
    const bool last = state.stage == onboard::Stage::subscribed;
    const Status done = one_step();
    if (done && last) return {};
    if (!done) TF_CHECK(go_on_after(done.error()));
  }
  return Error{Code::unavailable, "terminal.onboard_silent", "it does not come to an end; the same later"};
}

// The operator may have another registration, with another nonce, by now: the registration server is asked once more.
bool OnboardDevice::Run::perhaps_registered_anew(const Error& error) const {
  if (state.stage != onboard::Stage::referred && state.stage != onboard::Stage::ready) return false;
  for (const char* reason : {"terminal.onboard_unregistered", "terminal.onboard_used", "terminal.onboard_refused", "onboard.referral_expired"})
    if (is(error, reason)) return true;
  return false;
}

// A refusal is no reason to forget anything; what it advises is tried a few times.
Status OnboardDevice::Run::go_on_after(Error error) {
  if (stopped) return *stopped;
  if (is_silence(error)) {
    say("waiting", describe(error));
    if (patience.pause(web.take_wait_ms())) return {};
    return Error{Code::unavailable, "terminal.onboard_silent", "gave up waiting; the same later. Last: " + describe(error)};
  }
  if (is(error, "terminal.onboard_access") && device.profile_.phlr && ++accesses < kMostAgain) {
    token.clear();
  } else if (is(error, "terminal.onboard_session") && ++hellos < kMostAgain) {
    // hello again
  } else if (perhaps_registered_anew(error) && !refer_again && !referred_again) {
    say("again", "perhaps it was registered anew: " + describe(error));
    refer_again = std::move(error);
    return {};
  } else {
    return error;
  }
  say("again", describe(error));
  return {};
}

}  // namespace tf::terminal
