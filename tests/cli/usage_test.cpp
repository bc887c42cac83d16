// SPDX-License-Identifier: Apache-2.0
// Arguments that do not make sense: exit status 1, the reason on standard error, nothing on standard output.
#include "tests/cli/cli_test_support.h"

namespace mlgenn::cli_test {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

struct Mistake {
    const char* name;
    std::vector<std::string> arguments;
    std::string text;
};

void PrintTo(const Mistake& mistake, std::ostream* stream) {
    *stream << mistake.name;
}

class UsageMistakes : public CliTest, public testing::WithParamInterface<Mistake> {};

TEST_P(UsageMistakes, AreNamedOnStandardError) {
    const cli::ProcessResult result = run(GetParam().arguments);
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err, GetParam().text);
}

const std::vector<Mistake> mistakes{
    {"NoCommand",
     {},
     "mlgenn-compile: no command is given\n"
     "    the commands are check, compile, predict, evaluate, stream, convert, list, bench\n"
     "    see mlgenn-compile --help\n"},
    {"MisspeltCommand",
     {"evalute", "tiny.json"},
     "mlgenn-compile: 'evalute' is not a command\n    did you mean 'evaluate'?\n"},
    {"UnknownCommand",
     {"frobnicate"},
     "mlgenn-compile: 'frobnicate' is not a command\n"
     "    the commands are check, compile, predict, evaluate, stream, convert, list, bench\n"},
    {"MisspeltOption",
     {"compile", "tiny.json", "--acumulation", "exact"},
     "mlgenn-compile: '--acumulation' is not an option of compile\n    did you mean '--accumulation'?\n"
     "    see mlgenn-compile compile --help\n"},
    {"NoNetwork", {"check"}, "mlgenn-compile: NETWORK is required\n    see mlgenn-compile check --help\n"},
    {"TwoNetworks",
     {"check", "tiny.json", "other.json"},
     "mlgenn-compile: 'other.json' is one argument too many\n    see mlgenn-compile check --help\n"},
    {"WordForNumber",
     {"compile", "tiny.json", "--timesteps", "many"},
     "mlgenn-compile: Could not convert: --timesteps = many\n    see mlgenn-compile compile --help\n"},
    {"NegativeTimesteps",
     {"compile", "tiny.json", "--timesteps", "-4"},
     "mlgenn-compile: Could not convert: --timesteps = -4\n    see mlgenn-compile compile --help\n"},
    {"UnknownAccumulation",
     {"compile", "tiny.json", "--accumulation", "precise"},
     "mlgenn-compile: --accumulation: precise not in {exact,ordered,fast}\n"
     "    see mlgenn-compile compile --help\n"},
    {"UnknownStage",
     {"compile", "tiny.json", "--emit", "ir,machine_code", "-o", "stages"},
     "option emit: back end 'llvm' cannot emit 'machine_code'\n    use: ir, llvm, asm, object\n"},
    {"CacheAndNoCache",
     {"compile", "tiny.json", "--no-cache", "--cache-dir", "cache"},
     "mlgenn-compile: --cache-dir excludes --no-cache\n    see mlgenn-compile compile --help\n"},
    {"TwoStagesOnStandardOutput",
     {"compile", "tiny.json", "--emit", "ir,llvm"},
     "--emit: several stages do not fit on standard output\n    name a folder with -o DIR\n"},
    {"UnknownInput",
     {"predict", "tiny.json", "--input", "inn=x.npy"},
     "--input: 'inn' is no input population of the network\n    did you mean 'in'?\n"},
    {"InputTwice",
     {"predict", "tiny.json", "--input", "x.npy", "--input", "in=x.npy"},
     "--input: 'in' is given twice\n    give it once\n"},
    {"NoInput",
     {"predict", "tiny.json"},
     "--input: nothing is given for input population 'in'\n"
     "    add --input in=FILE, or --input-events in=FILE.npz for spikes\n"},
    {"ScaleIsNoNumber",
     {"predict", "tiny.json", "--input", "x.npy", "--input-scale", "tiny"},
     "--input-scale: found 'tiny', expected a finite number\n    write NAME=0.01, for example\n"},
    {"TooManyExamplesAskedFor",
     {"predict", "tiny.json", "--input", "x.npy", "--first", "4"},
     "input 'in': the first 4 rows are asked for, but the array of shape [3, 2] has 3\n"
     "    ask for fewer with --first, or leave it out\n"},
    {"EventsWithoutIds",
     {"predict", "tiny.json", "--input-times", "x.npy", "--input-offsets", "x.npy"},
     "--input-ids: missing for 'in': spike events need times, ids and offsets\n"
     "    give --input-times, --input-ids and --input-offsets, or one .npz with --input-events\n"},
    {"OutputOfUnknownKind",
     {"predict", "tiny.json", "--input", "x.npy", "-o", "y.csv"},
     "-o y.csv: cannot write files that end in '.csv'\n    name a .npy file, an .npz file, or a folder\n"},
    {"TwoResultsInOneNpy",
     {"predict", "tiny.json", "--input", "x.npy", "--record", "out.spikes", "-o", "y.npy"},
     "-o y.npy: a .npy file holds one array, but there are 2 results\n    name an .npz file or a folder\n"},
    {"RecordWithoutVariable",
     {"predict", "tiny.json", "--input", "x.npy", "--record", "out"},
     "--record: found 'out', expected POPULATION.spikes or POPULATION.VARIABLE\n"
     "    write hidden.spikes or hidden.V, for example\n"},
    {"NoTarget",
     {"evaluate", "tiny.json", "--input", "x.npy"},
     "mlgenn-compile: --target is required\n    see mlgenn-compile evaluate --help\n"},
    {"UnknownTarget",
     {"evaluate", "tiny.json", "--input", "x.npy", "--target", "in=labels.npy"},
     "--target: 'in' is no output population of the network\n    the output populations are out\n"},
    {"UnknownList",
     {"list", "model"},
     "mlgenn-compile: WHAT: model not in {models,backends,schedules,passes,metrics}\n"
     "    see mlgenn-compile list --help\n"},
    {"BenchmarkOfNothing",
     {"bench", "nowhere"},
     "nowhere: does not exist\n    name a bundle folder or a network description\n"},
};

INSTANTIATE_TEST_SUITE_P(Cli, UsageMistakes, testing::ValuesIn(mistakes),
                         [](const auto& mistake) { return mistake.param.name; });

using Help = CliTest;

TEST_F(Help, ListsTheCommandsAndTheExitStatuses) {
    const std::string text = output_of({"--help"});
    for (const char* word : {"check", "compile", "predict", "evaluate", "convert", "list", "bench", "Exit status"}) {
        EXPECT_THAT(text, HasSubstr(word));
    }
}

TEST_F(Help, OfACommandShowsItsOptionsAndNotThoseForInternalUse) {
    EXPECT_THAT(output_of({"predict", "--help"}), HasSubstr("--input-events"));
    EXPECT_THAT(output_of({"bench", "--help"}), testing::Not(HasSubstr("--probe")));
}

TEST_F(Help, VersionIsANumber) {
    EXPECT_THAT(output_of({"--version"}), MatchesRegex("mlgenn-compile [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

}  // namespace
}  // namespace mlgenn::cli_test
