#include "platform/onboard/contract/role.hpp"

#include "base/log.hpp"
#include "net/problem.hpp"
#include "platform/onboard/signer.hpp"
#include "protocols/onboard/identity.hpp"
#include "wire/json.hpp"

namespace tf::platform {
namespace {

constexpr std::int64_t kContractHourMs = 3'600'000;
constexpr std::int64_t kMostListed = 1000;

std::string bearer_of(const wire::HttpRequest& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string value = authorization_of(request);
  return value.starts_with(kScheme) ? value.substr(kScheme.size()) : "";
}

std::string query_of(const wire::HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.query)
    if (key == name) return value;
  return {};
}

// For the person at the form.
std::string in_words(const std::string& dsim_id, std::string_view state, const std::string& result) {
  if (state == contract::state::registered) return "Device " + dsim_id + " is registered. Switch it on: it fetches its subscription by itself.";
  if (state == contract::state::accepted) return "The order for device " + dsim_id + " is accepted and will be registered shortly.";
  if (result == "onboard.contract_exists") return "There is an order for device " + dsim_id + " already.";
  return "The order for device " + dsim_id + " was refused (" + result + ").";
}

}  // namespace

Result<std::unique_ptr<OnboardRole>> ContractRole::open(OnboardOpened& opened) {
  TF_CHECK(opened.database->migrate(contract::kComponent, contract::kMigrations));
  auto lines = TF_TRY(OnboardLines::open(opened, onboard_role::credentialing));
  if (lines.empty()) return Error{Code::invalid, "config.value", "a contract front end needs a [[peer]] of role credentialing"};
  return std::unique_ptr<OnboardRole>(new ContractRole(opened, std::move(lines)));
}

std::vector<OnboardRoute> ContractRole::routes() {
  const std::vector<std::string> staff{std::string(onboard_role::staff)};
  return {{.path = "/onboard/v1/contracts", .known = staff, .handler = [this](const OnboardCall& call, std::string& subject) { return contracts(call, subject, false); }},
          {.path = "/onboard/v1/contracts/again", .from = staff, .handler = [this](const OnboardCall& call, std::string& subject) { return contracts(call, subject, true); }},
          {.path = "/onboard/v1/contracts", .method = "GET", .from = staff, .handler = [this](const OnboardCall& call, std::string&) { return list(call); }},
          {.path = "/onboard/v1/owners", .from = staff, .handler = [this](const OnboardCall& call, std::string& subject) { return owners(call, subject); }},
          {.path = "/onboard/", .method = "GET", .raw = [this](const OnboardCall&) { return contract::form_page({.operator_id = opened_.settings.operator_id}); }},
          {.path = "/onboard/", .raw = [this](const OnboardCall& call) { return form(call); }}};
}

Result<std::string> ContractRole::contracts(const OnboardCall& call, std::string& subject, bool again) {
  const auto asker = TF_TRY(desk_.asker_of(call.peer, bearer_of(call.request)));
  subject = asker.actor;
  return onboard::encode(TF_TRY(desk_.subscribe(TF_TRY(onboard::decode_subscriptions(call.request.body)), asker, again)));
}

Result<std::string> ContractRole::list(const OnboardCall& call) {
  std::vector<contract::Contract> rows;
  std::vector<std::pair<std::string, std::int64_t>> counts;
  TF_CHECK(opened_.database->read([&](store::Session& session) -> Status {
    rows = TF_TRY(contract::list(session, query_of(call.request, "state"), query_of(call.request, "after"), kMostListed));
    counts = TF_TRY(contract::count(session));
    return {};
  }));
  wire::JsonWriter writer;
  writer.begin_object().key("counts").begin_object();
  for (const auto& [state, number] : counts) writer.member(state, number);
  writer.end_object().key("contracts").begin_array();
  for (const auto& row : rows)
    writer.begin_object().member("dsim_id", row.row.dsim_id).member("owner", row.row.owner).member("plan", row.row.plan).member("state", row.state).member("result", row.result)
        .member("changed_ms", row.changed_ms).end_object();
  writer.end_array();
  if (rows.size() == kMostListed) writer.member("next_after", rows.back().row.dsim_id);
  return writer.end_object().take();
}

Result<std::string> ContractRole::owners(const OnboardCall& call, std::string& subject) {
  auto asked = TF_TRY(wire::JsonObject::parse(call.request.body));
  subject = TF_TRY(asked.text("owner", 64));
  const std::int64_t devices = TF_TRY(asked.integer("devices", 1, 10'000'000));
  const std::int64_t days = TF_TRY(asked.integer("days", 1, 365));
  TF_CHECK(asked.finish());
  const std::string token = TF_TRY(desk_.new_token(subject, devices, days, "staff:" + call.peer->name));
  return wire::JsonWriter().begin_object().member("owner", subject).member("token", token).end_object().take();
}

Result<std::string> ContractRole::submit(const contract::FormValues& values) {
  const auto asker = TF_TRY(desk_.asker_of(nullptr, values.token));
  const std::string dsim_id = TF_TRY(onboard::parse_dsim_id(values.dsim_id));
  if (values.ask_status) {
    const auto found = TF_TRY(desk_.find(dsim_id));
    if (!found || found->row.owner != *asker.owner) return "You have no order for device " + dsim_id + ".";
    return in_words(dsim_id, found->state, found->result);
  }
  const std::string plan = TF_TRY(onboard::parse_id(values.plan.empty() ? "standard" : values.plan));
  const auto results = TF_TRY(desk_.subscribe({{dsim_id, *asker.owner, plan, {}, {}}}, asker, false));
  return in_words(dsim_id, results.front().result, results.front().result);
}

wire::HttpResponse ContractRole::form(const OnboardCall& call) {
  contract::FormPage page{.operator_id = opened_.settings.operator_id};
  auto values = contract::read_form(call.request);
  if (values) page.values = *values;
  const auto done = values ? submit(*values) : Result<std::string>(values.error());
  page.bad = !done;
  if (done) {
    page.message = *done;
    return contract::form_page(page);
  }
  opened_.refusals->record({"onboard.form", page.values.dsim_id, done.error()});
  const std::string_view reason = done.error().reason;
  const bool token = reason == "onboard.token" || reason == "onboard.no_token" || reason == "onboard.token_used_up";
  page.message = token                                ? "This token is not known, is used up, or its time is over."
                 : reason == "onboard.dsim_id"        ? "This is not the number of a device."
                 : done.error().code == Code::refused ? "The order was refused."
                                                      : "This did not work now. Please try again later.";
  return contract::form_page(page);
}

void ContractRole::work(std::int64_t now_ms) {
  desk_.forward_accepted(now_ms);
  if (now_ms < next_forget_ms_) return;
  next_forget_ms_ = now_ms + kContractHourMs;
  const Status done = opened_.database->write([&](store::Session& session) { return contract::forget_tokens(session, now_ms); });
  if (!done) log::error("onboard: old tokens: " + describe(done.error()));
}

}  // namespace tf::platform
