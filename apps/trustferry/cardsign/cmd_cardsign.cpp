// cardsign record-key, manufacturer, import, assign, list, show, withdraw, renew, number, instrument, payment, alarms
#include <fmt/format.h>

#include "apps/trustferry/line/admin_options.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"
#include "apps/trustferry/line/secret_argument.hpp"
#include "base/file.hpp"

namespace tf::cli {
namespace {

constexpr wire::JsonLimits kCardLimits{.size = 4 * 1024 * 1024, .depth = 8};
constexpr std::string_view kJson = "application/json";

struct CardOrderArgs {
  AdminAccess access;
  std::string word, user, name, wallet, number, expiry;
  std::vector<std::string> files;
  int container = 0;
};

std::string flat(wire::JsonObject& card) {
  std::string users;
  if (auto holders = card.objects("holders", 256))
    for (auto& each : *holders)
      users += (users.empty() ? "" : ", ") + each.text("user").value_or("") + (each.text("state").value_or("") == "removing" ? " (removing)" : "");
  return users;
}

Status print_card(const std::string& body, Context& context) {
  if (context.json) {
    print_line(body);
    return {};
  }
  auto answer = TF_TRY(wire::JsonObject::parse(body, kCardLimits));
  auto card = TF_TRY(answer.object("card"));
  const std::string number = TF_TRY(card.text("number"));
  Facts().add("serial", TF_TRY(card.text("serial"))).add("state", TF_TRY(card.text("state"))).add("user", flat(card))
      .add("payments", std::to_string(TF_TRY(card.integer("payments", 0, INT64_MAX)))).add("waiting updates", std::to_string(TF_TRY(card.integer("updates", 0, INT64_MAX)))).add("number", number.empty() ? "none" : number).print();
  TextTable table({"CONTAINER", "SLOT", "CERTIFICATE", "ON THE CARD"});
  auto certificates = TF_TRY(card.objects("certificates", 1000));
  for (auto& each : certificates)
    table.add({std::to_string(TF_TRY(each.integer("container", 0, 255))), TF_TRY(each.text("slot")), TF_TRY(each.text("serial")), TF_TRY(each.boolean("stored")) ? "yes" : "no"});
  if (!certificates.empty()) table.print();
  return {};
}

Status run_record_key(const CardOrderArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get("/admin/v1/cardsign/record-key"));
  if (context.json) return print_line(body), Status();
  auto answer = TF_TRY(wire::JsonObject::parse(body, kCardLimits));
  const std::string pem = TF_TRY(answer.text("public_key"));
  print_line(std::string_view(pem).substr(0, pem.size() - 1));
  return {};
}

Status run_manufacturer_add(const CardOrderArgs& args, Context& context) {
  TF_CHECK(need(args.word, "FILE"));
  auto client = TF_TRY(AdminClient::open(args.access));
  wire::JsonWriter writer;
  writer.begin_object();
  if (!args.name.empty()) writer.member("name", args.name);
  writer.member("certificate", as_text(TF_TRY(read_file(args.word, 32 * 1024)))).end_object();
  const std::string body = TF_TRY(client.post("/admin/v1/cardsign/manufacturers", std::string(kJson), writer.text()));
  if (context.json) return print_line(body), Status();
  auto answer = TF_TRY(wire::JsonObject::parse(body, kCardLimits));
  auto row = TF_TRY(answer.object("manufacturer"));
  Facts().add("manufacturer", TF_TRY(row.text("name"))).add("fingerprint", TF_TRY(row.text("fingerprint"))).print();
  return {};
}

Status run_manufacturer_list(const CardOrderArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get("/admin/v1/cardsign/manufacturers"));
  if (context.json) return print_line(body), Status();
  auto answer = TF_TRY(wire::JsonObject::parse(body, kCardLimits));
  TextTable table({"FINGERPRINT", "NAME", "SINCE"});
  for (auto& row : TF_TRY(answer.objects("manufacturers", 1000)))
    table.add({TF_TRY(row.text("fingerprint")), TF_TRY(row.text("name")), moment(TF_TRY(row.integer("added_ms", 0, INT64_MAX)))});
  table.print();
  return {};
}

Status run_import(const CardOrderArgs& args, Context& context) {
  if (args.files.empty()) return need("", "RECORD");
  auto client = TF_TRY(AdminClient::open(args.access));
  for (const std::string& file : args.files) {
    const Bytes record = TF_TRY(read_file(file, 64 * 1024));
    std::string_view text = as_text(record);
    while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
    wire::JsonWriter writer;
    writer.begin_object().member("record", text).end_object();
    TF_CHECK(print_card(TF_TRY(client.post("/admin/v1/cardsign/cards", std::string(kJson), writer.text())), context));
  }
  return {};
}

Status run_assign(const CardOrderArgs& args, Context& context) {
  TF_CHECK(need(args.word, "SERIAL"));
  TF_CHECK(need(args.user, "--user"));
  auto client = TF_TRY(AdminClient::open(args.access));
  wire::JsonWriter writer;
  writer.begin_object().member("user", args.user).member("container", std::int64_t{args.container}).end_object();
  const std::string body = TF_TRY(client.post("/admin/v1/cardsign/cards/" + args.word + "/assign", std::string(kJson), writer.text()));
  if (context.json) return print_line(body), Status();
  auto answer = TF_TRY(wire::JsonObject::parse(body, kCardLimits));
  Facts().add("card", TF_TRY(answer.text("serial"))).add("user", TF_TRY(answer.text("user"))).add("enrolment code", TF_TRY(answer.text("code")) + "   shown only now")
      .add("until", moment(TF_TRY(answer.integer("ends_ms", 0, INT64_MAX)))).print();
  return {};
}

Status run_act(const CardOrderArgs& args, Context& context, const char* act) {
  TF_CHECK(need(args.word, "SERIAL"));
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string card = "/admin/v1/cardsign/cards/" + args.word;
  return print_card(TF_TRY(*act == '\0' ? client.get(card) : client.post(card + "/" + act, std::string(kJson), "{}")), context);
}

Status run_number(const CardOrderArgs& args, Context& context) {
  TF_CHECK(need(args.word, "SERIAL"));
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = wire::JsonWriter().begin_object().member("number", args.number).end_object().take();
  return print_card(TF_TRY(client.post("/admin/v1/cardsign/cards/" + args.word + "/number", std::string(kJson), body)), context);
}

Status run_list(const CardOrderArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  std::string body = TF_TRY(client.get("/admin/v1/cardsign/cards"));
  if (context.json) return print_line(body), Status();
  TextTable table({"SERIAL", "STATE", "USER", "PAYMENTS", "SINCE"});
  while (true) {
    auto answer = TF_TRY(wire::JsonObject::parse(body, kCardLimits));
    for (auto& card : TF_TRY(answer.objects("cards", 10'000)))
      table.add({TF_TRY(card.text("serial")), TF_TRY(card.text("state")), flat(card), std::to_string(TF_TRY(card.integer("payments", 0, INT64_MAX))),
                 moment(TF_TRY(card.integer("imported_ms", 0, INT64_MAX)))});
    const auto next = TF_TRY(answer.optional_text("next_after"));
    if (!next) break;
    body = TF_TRY(client.get("/admin/v1/cardsign/cards?after=" + *next));
  }
  table.print();
  return {};
}

Status run_alarms(const CardOrderArgs& args, Context& context) {
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get("/admin/v1/cardsign/alarms"));
  if (context.json) return print_line(body), Status();
  TextTable table({"AT", "KIND", "CARD", "USER", "PAYMENT", "STATE"});
  auto answer = TF_TRY(wire::JsonObject::parse(body, kCardLimits));
  for (auto& each : TF_TRY(answer.objects("alarms", 10'000)))
    table.add({moment(TF_TRY(each.integer("at_ms", 0, INT64_MAX))), TF_TRY(each.text("kind")), TF_TRY(each.text("serial")), TF_TRY(each.text("user")), TF_TRY(each.text("payment")),
               TF_TRY(each.text("state"))});
  table.print();
  return {};
}

Status run_payment(const CardOrderArgs& args, Context& context) {
  TF_CHECK(need(args.word, "PAYMENT"));
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get("/admin/v1/cardsign/payments/" + args.word));
  if (context.json) return print_line(body), Status();
  auto answer = TF_TRY(wire::JsonObject::parse(body, kCardLimits));
  Facts facts;
  for (const char* name : {"payment", "merchant", "order", "currency", "subject", "state", "user", "serial"}) facts.add(name, TF_TRY(answer.text(name)));
  facts.add("amount", std::to_string(TF_TRY(answer.integer("amount", 0, INT64_MAX)))).print();
  return {};
}

Status run_instrument_add(const CardOrderArgs& args, Context& context) {
  TF_CHECK(need(args.user, "--user"));
  TF_CHECK(need(args.number, "--number"));
  auto client = TF_TRY(AdminClient::open(args.access));
  wire::JsonWriter writer;
  writer.begin_object().member("number", TF_TRY(text_argument(args.number, "--number")));
  if (!args.wallet.empty()) writer.member("wallet", args.wallet);
  if (!args.expiry.empty()) writer.member("expiry", args.expiry);
  writer.end_object();
  const std::string body = TF_TRY(client.post("/admin/v1/cardsign/users/" + args.user + "/instruments", std::string(kJson), writer.text()));
  if (context.json) return print_line(body), Status();
  auto answer = TF_TRY(wire::JsonObject::parse(body, kCardLimits));
  Facts().add("user", TF_TRY(answer.text("user"))).add("token", TF_TRY(answer.text("token"))).add("number", TF_TRY(answer.text("masked"))).print();
  return {};
}

Status run_instrument_list(const CardOrderArgs& args, Context& context) {
  TF_CHECK(need(args.user, "--user"));
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.get("/admin/v1/cardsign/users/" + args.user + "/instruments"));
  if (context.json) return print_line(body), Status();
  auto answer = TF_TRY(wire::JsonObject::parse(body, kCardLimits));
  TextTable table({"TOKEN", "KIND", "NUMBER"});
  for (auto& each : TF_TRY(answer.objects("instruments", 1000))) {
    const std::string wallet = TF_TRY(each.text("wallet"));
    table.add({TF_TRY(each.text("token")), wallet.empty() ? "card" : wallet, TF_TRY(each.text("masked"))});
  }
  table.print();
  return {};
}

}  // namespace

void add_cardsign(CommandLine& line) {
  static CardOrderArgs key, add, list, import, assign, cards, show, withdraw, renew, number, alarms, payment, instrument, instruments;
  for (CardOrderArgs* args : {&key, &list, &import, &assign, &cards, &show, &withdraw, &renew, &number, &alarms, &payment, &instrument, &instruments}) args->access.as = "operator";
  add.access.as = "administrator";
  CLI::App& cardsign = line.group(line.root(), "cardsign", "Smart cards that sign payments: manufacturers, cards and whose they are.");
  const auto command = [&line](CLI::App& parent, const char* name, const char* about, const char* example, CardOrderArgs& args, Run run) -> CLI::App& {
    CLI::App& app = line.command(parent, name, about, example, std::move(run));
    add_admin_options(app, args.access);
    return app;
  };
  command(cardsign, "record-key", "The public key that manufacturers seal card records to.", "trustferry cardsign record-key > record-key.pem", key,
          [](Context& context) { return run_record_key(key, context); });
  CLI::App& manufacturer = line.group(cardsign, "manufacturer", "Whose cards are taken.");
  CLI::App& add_app = command(manufacturer, "add", "Takes a manufacturer's root certificate into the register.", "trustferry cardsign manufacturer add manufacturer.crt --name 'Cards Inc.'", add,
                              [](Context& context) { return run_manufacturer_add(add, context); });
  add_app.add_option("file", add.word, "root certificate (PEM)");
  add_app.add_option("--name", add.name, "what it is called here; its subject otherwise");
  command(manufacturer, "list", "The manufacturers in the register.", "trustferry cardsign manufacturer list", list, [](Context& context) { return run_manufacturer_list(list, context); });
  command(cardsign, "import", "Takes cards into the register, from the records of their manufacturer.", "trustferry cardsign import card-1.record card-2.record", import,
          [](Context& context) { return run_import(import, context); }).add_option("records", import.files, "files");
  CLI::App& assign_app = command(cardsign, "assign", "Says whose a card is, and makes an enrolment code for it.", "trustferry cardsign assign TF-000001 --user anna", assign,
                                 [](Context& context) { return run_assign(assign, context); });
  assign_app.add_option("serial", assign.word, "the card");
  assign_app.add_option("--user", assign.user, "1 to 48 of A–Z a–z 0–9 . _ -");
  assign_app.add_option("--container", assign.container, "of the card, where it has several")->check(CLI::Range(0, 255))->capture_default_str();
  add_cardsign_containers(line, cardsign);
  command(cardsign, "list", "The cards in the register.", "trustferry cardsign list", cards, [](Context& context) { return run_list(cards, context); });
  command(cardsign, "show", "A card: whose it is, what is on it.", "trustferry cardsign show TF-000001", show, [](Context& context) { return run_act(show, context, ""); })
      .add_option("serial", show.word, "the card");
  command(cardsign, "withdraw", "Takes a card out of use for good; its certificates are revoked.", "trustferry cardsign withdraw TF-000001", withdraw,
          [](Context& context) { return run_act(withdraw, context, "withdraw"); }).add_option("serial", withdraw.word, "the card");
  command(cardsign, "renew", "Issues certificates for the keys on the card, and queues them for the way over the air.", "trustferry cardsign renew TF-000001", renew,
          [](Context& context) { return run_act(renew, context, "renew"); }).add_option("serial", renew.word, "the card");
  CLI::App& number_app = command(cardsign, "number", "Where a card's short messages go: renewed certificates reach it by them.", "trustferry cardsign number TF-000001 8613800138000", number,
                                 [](Context& context) { return run_number(number, context); });
  number_app.add_option("serial", number.word, "the card");
  number_app.add_option("number", number.number, "digits with the country code; left out: nowhere any more");
  command(cardsign, "alarms", "What should not happen to an honest card.", "trustferry cardsign alarms", alarms, [](Context& context) { return run_alarms(alarms, context); });
  command(cardsign, "payment", "An order and what became of it.", "trustferry cardsign payment PAYMENT", payment, [](Context& context) { return run_payment(payment, context); })
      .add_option("payment", payment.word, "its id");
  CLI::App& group = line.group(cardsign, "instrument", "Cards and accounts that users pay with.");
  CLI::App& instrument_app = command(group, "add", "A card or account of a user.", "trustferry cardsign instrument add --user anna --number 6222021234561234 --expiry 3012", instrument,
                                     [](Context& context) { return run_instrument_add(instrument, context); });
  instrument_app.add_option("--user", instrument.user, "whose");
  instrument_app.add_option("--number", instrument.number, "card number or account: itself, @FILE or -");
  instrument_app.add_option("--expiry", instrument.expiry, "of a card: YYMM");
  instrument_app.add_option("--wallet", instrument.wallet, "of an account: the kind of e-wallet");
  command(group, "list", "Those of a user.", "trustferry cardsign instrument list --user anna", instruments, [](Context& context) { return run_instrument_list(instruments, context); })
      .add_option("--user", instruments.user, "whose");
  add_cardsign_sections(line, cardsign);
  add_cardsign_order(line, cardsign);
}

}  // namespace tf::cli
