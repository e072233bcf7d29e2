// cardsign container add, remove: further persons on a card
#include "apps/trustferry/line/admin_options.hpp"
#include "apps/trustferry/line/commands.hpp"
#include "apps/trustferry/line/report.hpp"

namespace tf::cli {
namespace {

constexpr wire::JsonLimits kAnswer{.size = 64 * 1024, .depth = 4};

struct ContainerArgs {
  AdminAccess access;
  std::string serial, user, which;
  int container = 0;
};

Status run_container_add(const ContainerArgs& args, Context& context) {
  TF_CHECK(need(args.serial, "SERIAL"));
  TF_CHECK(need(args.user, "--user"));
  auto client = TF_TRY(AdminClient::open(args.access));
  wire::JsonWriter writer;
  writer.begin_object().member("user", args.user);
  if (args.container != 0) writer.member("container", std::int64_t{args.container});
  writer.end_object();
  const std::string body = TF_TRY(client.post("/admin/v1/cardsign/cards/" + args.serial + "/containers", "application/json", writer.text()));
  if (context.json) return print_line(body), Status();
  auto answer = TF_TRY(wire::JsonObject::parse(body, kAnswer));
  Facts().add("card", TF_TRY(answer.text("serial"))).add("user", TF_TRY(answer.text("user"))).add("container", std::to_string(TF_TRY(answer.integer("container", 1, 15))))
      .add("enrolment code", TF_TRY(answer.text("code")) + "   shown only now").add("PUK", TF_TRY(answer.text("puk")) + "   this person's alone: a PIN is set with it once the container is on the card")
      .add("until", moment(TF_TRY(answer.integer("ends_ms", 0, INT64_MAX)))).print();
  return {};
}

Status run_container_remove(const ContainerArgs& args, Context& context) {
  TF_CHECK(need(args.serial, "SERIAL"));
  TF_CHECK(need(args.which, "CONTAINER"));
  auto client = TF_TRY(AdminClient::open(args.access));
  const std::string body = TF_TRY(client.post("/admin/v1/cardsign/cards/" + args.serial + "/containers/" + args.which + "/remove", "application/json", "{}"));
  if (context.json) return print_line(body), Status();
  auto answer = TF_TRY(wire::JsonObject::parse(body, kAnswer));
  const std::string state = TF_TRY(answer.text("state"));
  Facts().add("card", TF_TRY(answer.text("serial"))).add("user", TF_TRY(answer.text("user"))).add("container", args.which)
      .add("certificates revoked", std::to_string(TF_TRY(answer.integer("revoked", 0, INT64_MAX))))
      .add("state", state == "removing" ? state + "   erased on the card at its next session" : state).print();
  return {};
}

}  // namespace

void add_cardsign_containers(CommandLine& line, CLI::App& cardsign) {
  static ContainerArgs add, remove;
  for (ContainerArgs* args : {&add, &remove}) args->access.as = "operator";
  const auto command = [&line](CLI::App& parent, const char* name, const char* about, const char* example, ContainerArgs& args, Run run) -> CLI::App& {
    CLI::App& app = line.command(parent, name, about, example, std::move(run));
    add_admin_options(app, args.access);
    return app;
  };
  CLI::App& containers = line.group(cardsign, "container", "Key containers of further persons on a card.");
  CLI::App& add_app = command(containers, "add", "Orders a container for a further person: the enrolment with its code makes it on the card.", "trustferry cardsign container add TF-000001 --user berta",
                                    add, [](Context& context) { return run_container_add(add, context); });
  add_app.add_option("serial", add.serial, "the card, which its first person has enrolled");
  add_app.add_option("--user", add.user, "whose: 1 to 48 of A–Z a–z 0–9 . _ -");
  add_app.add_option("--container", add.container, "1 to 15; the next free one otherwise")->check(CLI::Range(1, 15));
  CLI::App& remove_app = command(containers, "remove", "Takes a further person off a card: the certificates are revoked at once, the container is erased at the card's next session.",
                                 "trustferry cardsign container remove TF-000001 1", remove, [](Context& context) { return run_container_remove(remove, context); });
  remove_app.add_option("serial", remove.serial, "the card");
  remove_app.add_option("container", remove.which, "1 to 15; for 0, the card's own person, see withdraw")->check(CLI::Range(0, 15));
}

}  // namespace tf::cli
