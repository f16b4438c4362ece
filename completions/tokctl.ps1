# Completes tokctl in PowerShell. Written by: tokctl completion powershell
Register-ArgumentCompleter -Native -CommandName tokctl -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object { if ($_.Value -is [string]) { $_.Value } else { $_.Extent.Text } })
    $words += "$wordToComplete"
    # Encoded, because quotes and empty words don't reach programs in every version.
    $line = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($words -join "`0"))
    $program = Get-Command tokctl -CommandType Application, ExternalScript -ErrorAction Ignore |
        Select-Object -First 1
    if (-not $program) { return }
    $answer = $null | & $program __complete powershell $line 2>$null | ConvertFrom-Json
    foreach ($item in $answer) {
        [System.Management.Automation.CompletionResult]::new(
            $item.text, $item.label, 'ParameterValue', $item.words)
    }
}
