#include "tests/platform/wallet/desk.hpp"

#include <fmt/format.h>

#include <future>
#include <thread>

#include "net/problem.hpp"
#include "platform/ca/office.hpp"
#include "protocols/wallet/check_digit.hpp"
#include "protocols/wallet/refusal.hpp"

namespace tf::platform::test {
namespace {

constexpr int kFewIterations = 2000;

}  // namespace

wallet::Policy quick_policy() {
  wallet::Policy out;
  out.cost = {.n = 16, .r = 1, .p = 1};
  out.file_iterations = kFewIterations;
  return out;
}

void SmsList::send(sms::Message message, sms::Done done) {
  {
    const std::lock_guard lock(mutex_);
    sent_.push_back(std::move(message));
  }
  done(sms::Receipt{});
}

std::string SmsList::code_for(const std::string& number) const {
  const std::lock_guard lock(mutex_);
  for (auto it = sent_.rbegin(); it != sent_.rend(); ++it)
    if (it->to == number) return it->text.substr(0, it->text.find(' '));
  return {};
}

WalletDesk::WalletDesk(wallet::Policy policy, std::size_t sessions) {
  settings.policy = std::move(policy);
  settings.sessions = sessions;
  authority = must(open_authority(at, opened->paths.profiles()));
  at.authority = authority.get();
  instruments = must(WalletInstruments::open(at));
  front_ends = must(FrontEnds::open(at, *instruments, {}, directory));
  start();
}

WalletDesk::~WalletDesk() { stop(); }

void WalletDesk::start() {
  books = std::make_unique<payment::StoredBooks>(*database, payment::StoredBooksOptions{.trail = opened->trail.get()});
  runner = std::make_unique<payment::ThreadRunner>(1);
  const payment::Route all{.name = "all", .prefixes = {}, .wallets = {}, .currencies = {}, .merchants = {}, .from = {}, .to = {}, .front_ends = {"bank"}};
  payments = must(payment::Payments::open({*books, *runner, now, opened->metrics}, {}, payment::Router({all}), {&bank}));
  service = must(WalletService::make(at, sampler, settings, {*authority, *payments, sms, *instruments, *front_ends}));
}

void WalletDesk::stop() {
  service.reset();
  payments.reset();
  runner.reset();
  books.reset();
}

void WalletDesk::restart(wallet::Policy policy) {
  stop();
  settings.policy = std::move(policy);
  start();
}

// As the office does it.
Result<net::HttpResponse> WalletDesk::serve(const std::string& method, const std::string& target, const std::string& body) {
  const std::string route = target.substr(target.rfind('/') + 1);
  auto answered = std::make_shared<std::promise<Result<std::string>>>();
  auto answer = answered->get_future();
  wire::HttpRequest request;
  request.method = method;
  request.path = target;
  request.body = body;
  if (route == "keys")
    answered->set_value(service->published());
  else
    service->handle(route, request, [answered](Result<std::string> reply) { answered->set_value(std::move(reply)); });
  const auto reply = answer.get();
  net::HttpResponse out;
  out.status = 200;
  if (reply) {
    out.body = *reply;
  } else if (reply.error().code == Code::refused || reply.error().code == Code::malformed) {
    out.status = 403;
    out.body = wallet::refusal_body(reply.error());
  } else {
    const auto problem = net::to_problem(reply.error());
    out.status = problem.status;
    out.body = problem.body;
  }
  return out;
}

std::unique_ptr<WalletDesk::Phone> WalletDesk::phone(wallet::KeyMaker maker) {
  const int i = ++phones_;
  const auto root = must(opened->certificates->current(kind::root)).certificate;
  terminal::WalletPhone line([this](const std::string& method, const std::string& target, const std::string& body) { return serve(method, target, body); },
                             {.clock = now, .random = opened->random, .root = root, .file_iterations = kFewIterations,
                              .wait = [](std::chrono::milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }});
  return std::make_unique<Phone>(Phone{.subscriber = {fmt::format("86138{:08}", i), wallet::with_check_digit(fmt::format("4901542032{:04}", i)), wallet::with_check_digit(fmt::format("8986001234567{:05}", i))},
                                       .password = SecretBytes(as_bytes("correct horse")), .options = {wallet::Suite::modern, maker, settings.policy.cost}, .line = std::move(line)});
}

Status WalletDesk::register_(Phone& phone) {
  phone.registering = TF_TRY(phone.line.register_(phone.subscriber, {"Anna Owner", "A1234567"}, phone.password, phone.options));
  return {};
}

Status WalletDesk::activate(Phone& phone) {
  const std::string code = sms.code_for(phone.subscriber.number);
  const Bytes file = TF_TRY(phone.line.activate(*phone.registering, SecretBytes(as_bytes(code)), phone.password));
  phone.user = TF_TRY(phone.line.open(file, phone.subscriber, phone.password));
  return {};
}

Status WalletDesk::login(Phone& phone, const std::string& password) {
  const SecretBytes typed = password.empty() ? phone.password.clone() : SecretBytes(as_bytes(password));
  phone.session = TF_TRY(phone.line.login(wallet::Suite::modern, phone.subscriber, *phone.user, typed));
  return {};
}

Result<wallet::ResultClaim> WalletDesk::query(Phone& phone) { return phone.line.query(*phone.session, *phone.user, "none"); }

std::unique_ptr<WalletDesk::Phone> WalletDesk::logged_in() {
  auto out = phone();
  must(register_(*out));
  must(activate(*out));
  must(login(*out));
  return out;
}

Result<std::string> WalletDesk::ask(const std::string& route, const std::string& body) {
  auto answer = TF_TRY(serve("POST", "/wallet/v1/" + route, body));
  if (answer.status == 200) return std::move(answer.body);
  return Error{Code::refused, "test.refused", std::move(answer.body)};
}

std::string WalletDesk::state_of(const Phone& phone) const {
  std::optional<WalletRow> row;
  must(opened->database->read([&](store::Session& session) -> Status {
    row = TF_TRY(load_wallet(session, phone.registering->registered.registration));
    return {};
  }));
  return row ? std::string(name_of(row->registration.state)) : "none";
}

bool WalletDesk::eventually(const std::function<bool()>& done) {
  for (int i = 0; i < 1000 && !done(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return done();
}

}  // namespace tf::platform::test
