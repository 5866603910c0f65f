//! What clap's completion for bash lacks: names of files where a command takes some.

/// In the parts of these subcommands options are offered once a dash is typed, and names of files (bash's own completion, by the
/// `-o default` that clap registers with) else. As it comes the script offers options for both.
pub(super) fn with_files(script: &str, subcommands: &[String]) -> String {
    let starts: Vec<String> =
        subcommands.iter().map(|name| format!("cog__subcmd__{})", name.replace('-', "__subcmd__"))).collect();
    let (mut inside, mut result) = (false, String::with_capacity(script.len()));
    for line in script.lines() {
        let text = line.trim();
        if text.ends_with(')') && text.starts_with("cog") {
            inside = starts.iter().any(|start| text == start);
        }
        if inside && text.starts_with("if [[ ${cur} == -* ||") {
            result.push_str("            if [[ ${cur} == -* ]] ; then");
        } else if inside && line == "            COMPREPLY=( $(compgen -W \"${opts}\" -- \"${cur}\") )" {
            result.push_str("            COMPREPLY=()");
        } else {
            result.push_str(line);
        }
        result.push('\n');
    }
    result
}
